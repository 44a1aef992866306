"""A change is a difference to what is mirrored: each is told once, and our own writes make none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.salesforce.changes import DELETED, Difference, Held, decided, difference, overtaken
from integrations.salesforce.records import ObservedRecord, UnreadableRecord, followed
from integrations.salesforce.settings import SalesforceConnection
from store.own_writes import row_name

CONNECTION = SalesforceConnection(organization="00D5f0000000001AAA", client_id="c", client_secret=SecretStr("s"))
OBJECTS = followed(CONNECTION)
NOW, SECOND = datetime(2026, 11, 26, 10, 0, tzinfo=UTC), timedelta(seconds=1)
ROW: dict[str, Any] = {
    "Id": "0065f000000000AAAQ", "SystemModstamp": "2026-11-26T10:00:00.000+0000", "Name": "Acme",
    "StageName": "Prospecting", "Amount": 1200.0, "CloseDate": "2026-12-31", "OwnerId": "0055f000005mc66AAA",
    "IsDeleted": False,
}  # fmt: skip


def opportunity(**changes: Any) -> ObservedRecord:
    return OBJECTS["Opportunity"].read({**ROW, **changes})


def mirror(told: Difference, at: datetime = NOW) -> dict[str, Held]:
    return {name: Held(value, at) for name, value in told.mirror.items()}


def news(told: Difference) -> dict[str, Any]:
    return {str(event["property"]): event["value"] for event in told.events}


def ours(stage: str, until: datetime) -> dict[str, Held]:
    return {row_name("stage", stage): Held(None, until)}


KNOWN = mirror(difference(opportunity(), {}, known=True))


def test_an_opportunity_that_nobody_knows_is_opened_with_all_that_it_says() -> None:
    told = difference(opportunity(), {}, known=False)
    assert list(news(told)) == ["opened", "title", "stage", "amount", "close_on", "owner"]
    assert told.events[0]["record"]["title"] == "Acme"  # type: ignore[index,call-overload]


def test_what_a_person_did_counts_as_the_end_of_the_second_that_salesforce_tells() -> None:
    (event,) = difference(opportunity(StageName="Negotiation/Review"), KNOWN, known=True).events
    in_that_second = NOW + timedelta(milliseconds=700)
    assert NOW <= in_that_second < datetime.fromisoformat(str(event["at"])) < NOW + timedelta(seconds=1)


def test_a_record_without_a_difference_tells_nothing() -> None:
    told = difference(opportunity(SystemModstamp="2026-11-26T11:00:00Z"), KNOWN, known=True)
    assert (told.events, told.mirror) == ((), {})


def test_what_differs_is_told_and_only_that() -> None:
    told = difference(opportunity(StageName="Closed Won", Amount=1500), KNOWN, known=True)
    assert news(told) == {"stage": "Closed Won", "amount": "1500"}
    assert told.mirror == {"stage": "Closed Won", "amount": "1500"}


def test_an_amount_is_the_same_however_it_is_written() -> None:
    for amount in (1200, 1200.0, "1200.00"):
        assert difference(opportunity(Amount=amount), KNOWN, known=True).events == ()


def test_what_is_older_than_what_is_known_is_left_out() -> None:
    later = {name: Held(held.value, NOW + SECOND) for name, held in KNOWN.items()}
    assert difference(opportunity(StageName="Closed Won"), later, known=True) == Difference((), {})


def test_what_we_are_about_to_write_is_known_when_it_comes_back_before_the_answer() -> None:
    held = {**KNOWN, **ours("Closed Won", NOW + SECOND)}
    later = {"StageName": "Closed Won", "SystemModstamp": "2026-11-26T10:00:01Z"}
    told = difference(opportunity(**later, Amount=7), held, known=True)
    assert news(told) == {"amount": "7"}
    assert told.mirror["stage"] == "Closed Won"


def test_what_we_wrote_before_in_the_same_second_does_not_take_the_place_of_what_stands_there() -> None:
    told = difference(opportunity(StageName="Closed Won"), {**KNOWN, **ours("Closed Won", NOW)}, known=True)
    assert told == Difference((), {})


def test_what_we_wrote_is_forgotten_once_it_is_answered() -> None:
    held = {**KNOWN, **ours("Closed Won", NOW - SECOND)}
    assert news(difference(opportunity(StageName="Closed Won"), held, known=True)) == {"stage": "Closed Won"}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({}, False),
        ({"stage": Held("B", NOW - SECOND)}, False),
        ({"stage": Held("B", NOW + SECOND)}, True),
        ({"stage": Held("A", NOW + SECOND), decided("stage"): Held("A", NOW - SECOND)}, False),
        ({"stage": Held("B", NOW + SECOND), decided("stage"): Held("A", NOW - SECOND)}, True),
        ({"stage": Held("A", NOW + SECOND), decided("stage"): Held("A", NOW + SECOND)}, True),
    ],
)
def test_what_was_decided_before_somebody_changed_it_is_not_written(held: dict[str, Held], expected: bool) -> None:
    assert overtaken("stage", NOW, held) is expected


def test_whoever_sees_the_same_step_names_it_alike() -> None:
    one = difference(opportunity(StageName="Closed Won"), KNOWN, known=True).events[0]
    other = difference(opportunity(StageName="Closed Won", SystemModstamp="2026-11-26T10:00:09Z"), KNOWN, known=True)
    assert [one[part] for part in ("id", "property", "value", "since")] == [
        other.events[0][part] for part in ("id", "property", "value", "since")
    ]


def test_a_deletion_is_told_once_and_nothing_beside_it() -> None:
    told = difference(opportunity(IsDeleted=True, Name="gone"), KNOWN, known=True)
    assert news(told) == {DELETED: "true"}
    held = {**KNOWN, **mirror(told)}
    assert difference(opportunity(IsDeleted=True, Name="gone"), held, known=True).events == ()


def test_what_was_deleted_before_it_was_known_opens_nothing() -> None:
    assert "opened" not in news(difference(opportunity(IsDeleted=True), {}, known=False))


def test_a_field_that_a_message_does_not_carry_is_not_cleared() -> None:
    row = {key: value for key, value in ROW.items() if key != "Amount"}
    assert difference(OBJECTS["Opportunity"].read(row), KNOWN, known=True).events == ()
    assert news(difference(opportunity(Amount=None), KNOWN, known=True)) == {"amount": None}


def test_a_contact_of_an_opportunity_is_told_whole() -> None:
    row: dict[str, Any] = {
        "Id": "00K1", "OpportunityId": ROW["Id"], "ContactId": "0031", "Role": None,
        "SystemModstamp": "2026-11-26T10:00:00Z",
        "Contact": {"Name": "Ana Lopez", "Email": "ana@buyer.example", "SystemModstamp": "2026-11-26T10:05:00Z"},
    }  # fmt: skip
    record = OBJECTS["OpportunityContactRole"].read(row)
    (event,) = difference(record, {}, known=True).events
    assert (event["property"], event["at"]) == ("contact", "2026-11-26T10:05:00.999999+00:00")
    assert event["record"]["email"] == "ana@buyer.example"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("row", [{}, {"Id": "006"}, {"Id": "006", "SystemModstamp": "today"}, {"Id": 6}])
def test_a_record_that_does_not_say_which_or_when_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord):
        OBJECTS["Opportunity"].read(row)
