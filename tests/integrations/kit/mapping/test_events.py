"""What the events of a source mean for a deal."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from dealwright.facts import FACTS
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_in
from integrations.kit.mapping.meaning import OPENS_DEAL
from integrations.kit.proof.request import WebhookRequest
from integrations.registry import shipped_mappings
from store.intake import Event, IntakeState
from tests.gateway.signed_requests import as_body, created, hubspot_event

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MAPPINGS = shipped_mappings()


def read(source: str, body: object, **settings: str) -> list[Event]:
    raw = body if isinstance(body, bytes) else as_body(body)
    request = WebhookRequest("POST", "https://deals.example.com/x", {"webhook-id": "m1"}, raw)
    return events_in(MAPPINGS[source].with_settings(settings), request, NOW)


def hubspot(*events: object, **settings: str) -> list[Event]:
    return read("hubspot", list(events), **settings)


def standard(type_: str, data: object, **more: object) -> Event:
    body = {"type": type_, "timestamp": "2026-11-24T10:00:00+01:00", "data": data} | more
    (event,) = read("standard", body)
    return event


def what(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.payload.items() if name not in ("id", "at", "source")}


def test_a_stage_moved_in_hubspot_is_a_fact_about_the_linked_deal() -> None:
    (event,) = hubspot(hubspot_event(7))
    assert (event.fact, event.deal_ref, what(event)) == ("crm_stage_moved", "deal:9001", {"stage": "qualifiedtobuy"})
    assert event.payload["at"] == "2026-11-30T00:53:27Z"
    assert (event.state, event.last_error) == (IntakeState.WAITING, None)


def test_a_deal_lost_in_hubspot_is_lost() -> None:
    (event,) = hubspot(hubspot_event(7, propertyValue="closedlost"))
    assert (event.fact, what(event)) == ("deal_lost", {"reason": "Closed as lost in HubSpot"})


def test_a_deal_created_in_hubspot_opens_one() -> None:
    (event,) = hubspot(created(), deal_source="outbound", playbook="five-steps")
    assert (event.fact, event.deal_ref) == (OPENS_DEAL, "deal:9001")
    assert event.payload == {
        "deal": {"id": "hubspot-62515-9001", "title": "HubSpot deal 9001", "source": "outbound"},
        "playbook": "five-steps",
    }


def test_an_amount_is_the_deals_once_the_portals_currency_is_known() -> None:
    change = hubspot_event(7, propertyName="amount", propertyValue="48000.50")
    (noted,), (known,) = hubspot(change), hubspot(change, currency="EUR")
    assert what(noted) == {"properties": {"amount": "48000.50"}}
    assert what(known) == {"amount": {"amount": "48000.50", "currency": "EUR"}}


def test_a_name_and_any_other_property_are_changes_too() -> None:
    renamed, other = hubspot(
        hubspot_event(1, propertyName="dealname", propertyValue="Acme"),
        hubspot_event(2, propertyName="hs_priority", propertyValue="high"),
    )
    assert (renamed.fact, renamed.payload["title"]) == ("crm_properties_changed", "Acme")
    assert other.payload["properties"] == {"hs_priority": "high"}


def test_our_own_write_coming_back_is_kept_and_not_passed_on() -> None:
    (event,) = hubspot(hubspot_event(7, changeSource="INTEGRATION"))
    assert event.state is IntakeState.SKIPPED
    assert event.last_error is not None
    assert "our own write" in event.last_error


def test_a_type_that_nobody_mapped_is_kept_and_not_passed_on() -> None:
    (event,) = hubspot(hubspot_event(7, subscriptionType="contact.creation"))
    assert (event.state, event.fact) == (IntakeState.SKIPPED, "")
    assert event.payload["event"] == hubspot_event(7, subscriptionType="contact.creation")


def test_the_events_of_a_batch_are_in_the_order_in_which_they_happened() -> None:
    batch = [hubspot_event(n) for n in (3, 1, 2)]
    assert [str(event.payload["at"])[17:19] for event in hubspot(*batch)] == ["21", "22", "23"]


@pytest.mark.parametrize(
    "changes",
    [{"portalId": 1}, {"objectId": 1}, {"occurredAt": 1}, {"propertyName": "x"}, {"propertyValue": "x"}],
)
def test_what_changed_and_when_tells_hubspots_events_apart(changes: dict[str, object]) -> None:
    one, other = hubspot(hubspot_event(7))[0], hubspot(hubspot_event(7, **changes))[0]
    assert one.event_id != other.event_id


@pytest.mark.parametrize("changes", [{"eventId": 8}, {"subscriptionId": 1}])
def test_one_change_told_by_two_subscriptions_of_hubspot_counts_once(changes: dict[str, object]) -> None:
    one, other = hubspot(hubspot_event(7))[0], hubspot(hubspot_event(7, **changes))[0]
    assert one.event_id == other.event_id


def test_another_attempt_of_hubspots_is_the_same_event_and_the_same_fact() -> None:
    one, again = hubspot(hubspot_event(7))[0], hubspot(hubspot_event(7, attemptNumber=3))[0]
    assert (one.event_id, one.payload) == (again.event_id, again.payload)


def test_an_event_id_of_any_length_fits_into_a_facts_id() -> None:
    (event,) = hubspot(hubspot_event(7, subscriptionId="x" * 500))
    assert len(str(event.payload["id"])) <= 256


def test_a_standard_webhook_names_the_fact_and_the_deal() -> None:
    event = standard("demo_booked", {"deal_id": "acme", "starts_at": "2026-12-01T10:00:00Z"})
    assert (event.fact, event.deal_ref, event.event_id) == ("demo_booked", "acme", "m1")
    assert event.payload == {
        "id": "standard:m1",
        "at": "2026-11-24T10:00:00+01:00",
        "source": "standard",
        "starts_at": "2026-12-01T10:00:00Z",
    }


def test_an_id_of_the_senders_own_tells_its_fact() -> None:
    assert standard("demo_held", {"deal_id": "acme", "id": "demo-7"}).payload["id"] == "demo-7"


def test_a_standard_webhook_may_open_a_deal() -> None:
    event = standard("deal_opened", {"deal": {"id": "acme", "source": "partner"}, "playbook": "five-steps"})
    assert (event.fact, event.deal_ref) == (OPENS_DEAL, "acme")
    assert event.payload == {"deal": {"id": "acme", "source": "partner"}, "playbook": "five-steps"}


@pytest.mark.parametrize(
    ("type_", "data", "reason"),
    [
        ("demo_hold", {"deal_id": "a"}, "'demo_hold' is no fact"),
        ("", {"deal_id": "a"}, "is no fact"),
        ("demo_held", "text", "no object"),
        ("demo_held", {"deal_id": "a", "nots": "x"}, "nots"),
        ("demo_booked", {"deal_id": "a"}, "starts_at: 'starts_at' is missing"),
        ("demo_booked", {"deal_id": "a", "starts_at": "2026-12-01T10:00:00"}, "starts_at: The time has no offset"),
        ("note_added", {"deal_id": "a", "text": "x" * 20_000}, "16384"),
        ("contacts_learned", {"deal_id": "a", "contacts": [{"id": "a", "name": "A", "email": "x"}]}, "no e-mail"),
        ("deal_opened", {"deal": {"id": "no id"}}, "is no deal id"),
        ("deal_opened", {}, "does not say which"),
    ],
)
def test_an_event_that_can_be_no_fact_is_kept_with_the_reason(type_: str, data: object, reason: str) -> None:
    event = standard(type_, data)
    assert event.state is IntakeState.REFUSED
    assert event.last_error is not None
    assert reason in event.last_error
    assert event.payload["event"]


@pytest.mark.parametrize("timestamp", ["2026-11-24T10:00:00", "yesterday", "2026-13-01T00:00:00Z", True])
def test_an_event_without_a_usable_time_is_kept_with_the_reason(timestamp: object) -> None:
    event = standard("demo_held", {"deal_id": "a"}, timestamp=timestamp)
    assert event.state is IntakeState.REFUSED
    assert event.last_error is not None
    assert "a time with its offset" in event.last_error


def test_an_event_without_a_time_happened_when_its_deal_hears_of_it() -> None:
    assert "at" not in standard("demo_held", {"deal_id": "a"}, timestamp=None).payload


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1, 2]", b'"text"', b"null", b'{"a": NaN}', b"\xff", b"[" * 100_000, b"[9" + b"9" * 6000]
)
def test_what_is_no_list_of_events_is_unreadable_and_no_fault(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read("hubspot", body)


LIST = [
    {"type": "note_added", "timestamp": "2026-11-24T10:00:00+01:00", "data": {"deal_id": "acme", "text": f"n{n % 4}"}}
    for n in range(5)
]


def test_each_event_of_a_list_with_one_id_for_all_is_an_event_of_its_own() -> None:
    events = read("standard", LIST)
    assert [event.event_id for event in events] == ["m1", "m1-1", "m1-2", "m1-3", "m1-4"]
    assert len({event.payload["id"] for event in events}) == 5
    assert events == read("standard", LIST)


def test_different_events_under_one_id_are_told_apart_and_the_same_one_counts_once() -> None:
    one, other = hubspot_event(7, propertyValue="a"), hubspot_event(7, propertyValue="b")
    ids = [event.event_id for event in hubspot(one, other, one | {"attemptNumber": 1}, other)]
    assert len(set(ids)) == 2
    assert ids[0] == ids[2]
    assert ids[1] == ids[3]


def test_more_events_than_any_source_sends_at_once_are_unreadable() -> None:
    with pytest.raises(Unreadable, match="at most 1000"):
        read("hubspot", b"[" + b",".join([b"{}"] * 1001) + b"]")


@pytest.mark.parametrize(
    ("event", "missing"),
    [(created(), "portalId"), (created(), "objectId"), (hubspot_event(1), "objectId")],
    ids=["opening without a portal", "opening", "fact"],
)
@pytest.mark.parametrize("value", [None, "", "  ", True, [], {}, 1.5])
def test_an_event_without_a_part_of_its_deals_id_is_refused_and_opens_nothing(
    event: dict[str, object], missing: str, value: object
) -> None:
    for changed in (event | {missing: value}, {name: part for name, part in event.items() if name != missing}):
        (read_,) = hubspot(changed)
        assert (read_.state, read_.fact) == (IntakeState.REFUSED, "")
        assert missing in str(read_.last_error) or "names no deal" in str(read_.last_error)


def test_a_standard_webhook_that_names_no_deal_is_refused() -> None:
    event = standard("demo_held", {})
    assert (event.state, event.last_error) == (
        IntakeState.REFUSED, "the event names no deal: event.data.deal_id would say which"
    )  # fmt: skip


@pytest.mark.parametrize("value", ["", None])
def test_an_amount_or_name_that_was_emptied_in_hubspot_is_known_no_longer(value: str | None) -> None:
    for name, part in (("amount", "amount"), ("dealname", "title")):
        (event,) = hubspot(hubspot_event(7, propertyName=name) | {"propertyValue": value}, currency="EUR")
        assert (event.state, what(event)) == (IntakeState.WAITING, {part: None})
        known = FACTS[event.fact].model_validate(event.payload).learn()
        assert known is not None
        assert known.cleared == (part,)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "contacts_learned", "data": {"deal_id": "d", "contacts": [{}] * 200}},
        {"type": "deal_opened", "data": {"deal": {"id": "d", "contacts": [{"timezone": "Eur/Berln"}] * 100}}},
        {"type": "note_added", "data": {"deal_id": "d", "text": "x" * 1000}},
    ],
)
def test_a_hostile_list_of_events_is_read_soon(event: dict[str, object]) -> None:
    began = time.process_time()  # a busy machine is no slow reader
    try:
        read("standard", [event | {"number": number} for number in range(1000)])
    except Unreadable as error:
        assert "send fewer events at once" in str(error)  # noqa: PT017 - or it is read
    assert time.process_time() - began < 2


def test_an_empty_batch_has_no_events() -> None:
    assert hubspot() == []


@pytest.mark.parametrize("field", sorted(hubspot_event(1)))
@pytest.mark.parametrize("value", [None, [], {"a": 1}, "x" * 5000, -1, 1e300, True, "\x00", "ü ' \" \\"])
def test_a_field_of_any_other_shape_is_an_event_all_the_same(field: str, value: object) -> None:
    (event,) = hubspot(hubspot_event(1) | {field: value})
    assert event.state in set(IntakeState)
