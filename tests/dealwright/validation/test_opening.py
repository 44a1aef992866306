"""What a new deal, and news about one, must fulfil to be let in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dealwright.deal import Contact, Contract, Deal, Known, Money, Person
from dealwright.facts import (
    ContactsLearned,
    ContractSigned,
    MeetingBooked,
    NextStepAgreed,
    NoteAdded,
    NotesLearned,
    OptedOut,
    UsageReported,
)
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit, check_fact, check_known, content_hash
from dealwright.values.iso_codes import COUNTRIES

WHOLE: dict[str, Any] = {
    "id": "acme-2026",
    "title": "50 seats for Acme",
    "source": "inbound",
    "account": {"id": "acme", "domain": "acme.example", "country": "US", "employees": 400},
    "contacts": [
        {
            "id": "ana",
            "name": "Ana Núñez",
            "email": "ana@acme.example",
            "timezone": "Europe/Berlin",
            "country": "DE-BE",
        },
        {"id": "bo", "name": "Bo", "email": "bo.x+sales@mail.acme.example"},
    ],
    "owners": {"sdr": {"name": "Sam", "email": "sam@us.example", "timezone": "America/New_York"}},
    "amount": {"amount": "48000.50", "currency": "EUR"},
    "contract": {"starts_on": "2026-01-01", "ends_on": "2026-12-31"},
    "notes": {"use_case": "Reports\nfor two teams"},
}


def problems_of(deal: Any) -> dict[str, str]:
    with pytest.raises(BadDeal) as caught:
        admit(deal)
    return {one.path: f"{one.problem}: {one.remedy}" for one in caught.value.diagnostics}


def with_contact(**fields: object) -> dict[str, object]:
    return {"id": "d", "contacts": [{"id": "ana", "name": "Ana", **fields}]}


def test_a_whole_deal_is_let_in_as_it_was_written() -> None:
    deal = admit(WHOLE)
    assert deal.contact == Contact(
        id="ana", name="Ana Núñez", email="ana@acme.example", timezone="Europe/Berlin", country="DE-BE"
    )
    assert deal.amount == Money(amount=Decimal("48000.50"), currency="EUR")


def test_a_deal_needs_nothing_but_its_id() -> None:
    assert admit({"id": "d"}) == Deal(id="d")


def test_a_deal_that_is_a_model_already_is_checked_as_well() -> None:
    assert admit(admit(WHOLE)) == admit(WHOLE)
    assert "amount" in problems_of(Deal(id="d", amount=Money(amount=Decimal(-1), currency="EUR")))


@pytest.mark.parametrize("deal_id", ["", " ", "-d", "d/1", "d 1", "ü", "d" * 129, "d\n"])
def test_a_bad_id_is_refused_with_what_an_id_may_be(deal_id: str) -> None:
    assert "letters, digits, dots" in problems_of({"id": deal_id})["id"]


def test_a_missing_id_is_named() -> None:
    assert problems_of({"title": "Acme"}) == {"id": "'id' is missing: give it a value"}


def test_an_unknown_field_is_refused_with_the_near_one_at_every_depth() -> None:
    assert problems_of({"id": "d", "titel": "x", "contacts": [{"id": "a", "name": "A", "emial": "x"}]}) == {
        "titel": "'titel' is no field here: did you mean 'title'?",
        "contacts[0].emial": "'emial' is no field here: did you mean 'email'?",
    }


def test_every_problem_is_told_in_one_round_also_beside_what_cannot_be_read() -> None:
    deal = WHOLE | {"id": "no id", "health": "good", "amount": {"amount": "-1", "currency": "euro"}}
    assert set(problems_of(deal)) == {"id", "health", "amount", "amount.currency"}


def test_an_unknown_time_zone_is_refused_with_the_near_one() -> None:
    assert "write Europe/Berlin" in problems_of(with_contact(timezone="Europe/Berln"))["contacts[0].timezone"]


@pytest.mark.parametrize(("written", "right"), [("eur", "EUR"), ("BGN", "EUR"), ("Euro", "one such as EUR")])
def test_an_unknown_currency_is_refused_with_what_was_meant(written: str, right: str) -> None:
    deal = {"id": "d", "amount": {"amount": 1, "currency": written}}
    assert f"write {right}" in problems_of(deal)["amount.currency"]


@pytest.mark.parametrize(("written", "right"), [("UK", "GB"), ("de", "DE"), ("Germany", "one such as"), ("DE-", "one")])
def test_an_unknown_country_is_refused_with_what_was_meant(written: str, right: str) -> None:
    assert f"write {right}" in problems_of(with_contact(country=written))["contacts[0].country"]


def test_the_countries_are_those_of_the_standard_and_kosovo() -> None:
    lines = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text().splitlines()
    assert {line[:2] for line in lines if not line.startswith("#")} | {"XK"} == COUNTRIES


@pytest.mark.parametrize("amount", ["-0.01", -1, "NaN", "Infinity", "1e15", "1e400", "0.00001", "12,50", None])
def test_an_amount_is_finite_not_negative_and_has_at_most_four_decimals(amount: object) -> None:
    paths = problems_of({"id": "d", "amount": {"amount": amount, "currency": "EUR"}})
    assert set(paths) <= {"amount", "amount.amount"}


@pytest.mark.parametrize(
    "email",
    ["ana", "ana@acme", "@acme.example", "a b@acme.example", "ana@acme.example\nBcc: x@y.example", "a@b@c.example",
     "Ana <ana@acme.example>", "ana@-acme.example", "ana@acme..example"],
)  # fmt: skip
def test_what_is_no_email_address_is_refused(email: str) -> None:
    assert "is no e-mail address" in problems_of(with_contact(email=email))["contacts[0].email"]


@pytest.mark.parametrize(
    "email",
    ["ana\u202e@acme.example", "an\u200ba@acme.example", "ana@ac\u200bme.example", "ana\u00ad@acme.example",
     "..ana@acme.example", "an..a@acme.example", "ana.@acme.example", f"{'a' * 65}@acme.example", "ana@ac_me.example",
     f"ana@{'a' * 64}.example", "ana@xn--a.example", "ana@a\u0301.\ufffdx"],
)  # fmt: skip
def test_an_address_that_mail_could_not_go_to_or_that_hides_something_is_refused(email: str) -> None:
    assert "is no e-mail address" in problems_of(with_contact(email=email))["contacts[0].email"]


def test_what_cannot_be_seen_in_an_address_is_named() -> None:
    assert "cannot be seen (U+202E)" in problems_of(with_contact(email="a\u202e@acme.example"))["contacts[0].email"]


@pytest.mark.parametrize("email", ["josé@acme.example", "o'neil@acme.example", "ана@пример.example", "bo@corp.local"])
def test_addresses_of_any_language_are_let_in(email: str) -> None:
    deal = admit(with_contact(email=email))
    assert [contact.email for contact in deal.contacts or ()] == [email]


def test_an_address_that_a_fact_names_is_checked_too() -> None:
    check_fact(OptedOut(address="Ana Lopez <ana@acme.example>"))
    with pytest.raises(BadDeal, match=r"address: .*is no e-mail address"):
        check_fact(OptedOut(address="ana\u200b@acme.example"))


def test_a_name_with_a_line_break_is_refused_since_it_would_end_up_in_a_mail_header() -> None:
    assert "one line" in problems_of(with_contact(name="Ana\r\nBcc: x@y.example"))["contacts[0].name"]


@pytest.mark.parametrize("sign", ["\x85", "\x9b", "\u2028", "\u202e", "\u2066", "\u2069"])
def test_a_name_that_moves_or_hides_the_words_after_it_is_refused(sign: str) -> None:
    assert list(problems_of({"id": "d", "contacts": [{"id": "a", "name": f"Ana {sign}moc"}]})) == ["contacts[0].name"]


@pytest.mark.parametrize("name", ["נועה לוי", "علی‌رضا", "Zoë \u200eה", "👩\u200d💻"])
def test_names_of_any_script_are_let_in(name: str) -> None:
    (contact,) = admit({"id": "d", "contacts": [{"id": "a", "name": name}]}).contacts or ()
    assert contact.name == name


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\ufeff", "\u200b \u2060"])
def test_a_name_in_which_nothing_can_be_seen_is_empty(name: str) -> None:
    assert list(problems_of({"id": "d", "contacts": [{"id": "a", "name": name}]})) == ["contacts[0].name"]


def test_half_a_character_is_refused_where_it_stands() -> None:
    assert list(problems_of({"id": "d", "title": "A \ud83d"})) == ["title"]


def test_two_contacts_cannot_share_an_id() -> None:
    deal = {"id": "d", "contacts": [{"id": "ana", "name": "A"}, {"id": "ana", "name": "B"}]}
    assert problems_of(deal) == {"contacts[1].id": "the id is that of contacts[0] too: give every contact its own"}


def test_a_contract_cannot_end_before_it_starts() -> None:
    backwards = Contract(starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 31))
    with pytest.raises(BadDeal, match="before it starts"):
        check_known(Known(contract=backwards))


def test_a_contract_may_last_one_day() -> None:
    check_known(Known(contract=Contract(starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 1))))


def test_a_time_without_its_offset_is_refused_with_an_example() -> None:
    deal = {"id": "d", "demo": {"starts_at": "2026-11-24T09:30:00"}}
    assert problems_of(deal) == {
        "demo.starts_at": "the time has no offset: write it with one, such as 2026-11-24T09:30:00+01:00"
    }


@pytest.mark.parametrize("year", [2200, 9999])
def test_a_date_far_from_any_deal_is_refused(year: int) -> None:
    with pytest.raises(BadDeal, match=f"The year {year}"):
        check_known(Known(contract=Contract(starts_on=date(1990, 1, 1), ends_on=date(year, 1, 1))))


def test_a_zero_in_the_place_of_a_date_is_refused() -> None:
    contract = {"starts_on": 0, "ends_on": 86_400}
    assert problems_of({"id": "d", "contract": contract})["contract.starts_on"].startswith("the year 1970")


@pytest.mark.parametrize("number", [0, 1_796_000_000, 1_796_000_000_000, 1.5, "1796000000", True])
def test_a_number_is_no_time_of_a_fact_since_it_may_be_seconds_or_milliseconds(number: object) -> None:
    for fact, field in ((MeetingBooked, "starts_at"), (NextStepAgreed, "on"), (NoteAdded, "at")):
        with pytest.raises(ValidationError, match="A number is no time"):
            fact.model_validate({"text": "x", field: number} if fact is NoteAdded else {field: number})


@pytest.mark.parametrize("no_deal", [None, [], [None, None], "deal", 7])
def test_what_is_no_object_is_no_deal(no_deal: Any) -> None:
    assert problems_of(no_deal) == {
        "": 'the deal is no object with fields: write one with its id, such as {"id": "acme-1"}'
    }


def test_a_text_may_have_sixteen_kibibytes_of_characters_and_no_more() -> None:
    check_known(Known(notes={"use_case": "ü" * 16_384}))
    with pytest.raises(BadDeal, match="16385 characters"):
        check_known(Known(notes={"use_case": "ü" * 16_385}))


def test_a_title_may_have_two_hundred_characters() -> None:
    check_known(Known(title="x" * 200))
    with pytest.raises(BadDeal, match="at most 200"):
        check_known(Known(title="x" * 201))


def test_a_character_that_no_database_stores_is_refused() -> None:
    with pytest.raises(BadDeal, match="code 0"):
        check_known(Known(notes={"use_case": "a\x00b"}))


def test_a_deal_cannot_have_more_than_two_hundred_contacts() -> None:
    with pytest.raises(BadDeal, match="201 items"):
        check_known(Known(contacts=tuple(Contact(id=f"c{n}", name="C") for n in range(201))))


def test_news_are_checked_like_a_new_deal() -> None:
    with pytest.raises(BadDeal) as caught:
        check_known(Known(owners={"sdr": Person(name="Sam", timezone="Mars/Olympus")}, parent="no id"))
    assert [one.path for one in caught.value.diagnostics] == ["owners.sdr.timezone", "parent"]


def test_a_fact_is_checked_with_what_it_teaches() -> None:
    check_fact(UsageReported(health=20))
    with pytest.raises(BadDeal, match=r"contacts\[0\]\.email"):
        check_fact(ContactsLearned(contacts=(Contact(id="a", name="A", email="nobody"),)))
    with pytest.raises(BadDeal, match="before it starts"):
        check_fact(ContractSigned(starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1)))


def test_a_fact_with_a_time_far_from_any_deal_is_refused() -> None:
    with pytest.raises(BadDeal, match="The year 9999"):
        check_fact(MeetingBooked(starts_at=datetime(9999, 12, 31, tzinfo=UTC)))
    with pytest.raises(BadDeal, match="at: The year 2345"):
        check_fact(NoteAdded(text="x", at=datetime(2345, 1, 1, tzinfo=UTC)))


def test_a_fact_larger_than_a_deal_keeps_is_refused_before_it_is_sent() -> None:
    check_fact(NotesLearned(notes={f"n{n}": "x" * 16_000 for n in range(4)}))
    with pytest.raises(BadDeal, match="The fact has 80"):
        check_fact(NotesLearned(notes={f"n{n}": "x" * 16_000 for n in range(5)}))


def test_a_deal_larger_than_effects_should_carry_is_refused() -> None:
    assert "keep it to 262144" in problems_of({"id": "d", "notes": {f"n{n}": "x" * 16_000 for n in range(17)}})[""]


def test_the_same_content_has_the_same_hash_however_it_is_written() -> None:
    otherwise = json.loads(json.dumps(dict(reversed(WHOLE.items()))))
    otherwise["amount"]["amount"] = 48000.5
    otherwise["qualification"] = None
    assert content_hash(admit(WHOLE), "b2b-saas") == content_hash(admit(otherwise), "b2b-saas")


def test_other_content_has_another_hash() -> None:
    hashes = {
        content_hash(admit(WHOLE), "b2b-saas"),
        content_hash(admit(WHOLE), "small"),
        content_hash(admit(WHOLE | {"title": "60 seats"}), "b2b-saas"),
        content_hash(admit(WHOLE | {"amount": {"amount": "48000.51", "currency": "EUR"}}), "b2b-saas"),
    }
    assert len(hashes) == 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
PARTS = st.sampled_from([*Deal.model_fields, "unknown"])


@given(st.dictionaries(PARTS, JSON, max_size=6), st.dictionaries(PARTS, JSON, max_size=3))
def test_whatever_is_handed_in_is_a_deal_or_a_list_of_problems(anything: dict[str, Any], over: dict[str, Any]) -> None:
    for answer in (answer_to(anything), answer_to(WHOLE | over)):
        if isinstance(answer, BadDeal):
            assert all(one.problem and one.remedy for one in answer.diagnostics)
        else:
            assert admit(answer.model_dump(mode="json", exclude_none=True)) == answer


def answer_to(handed: dict[str, Any]) -> Deal | BadDeal:
    try:
        return admit(handed)
    except BadDeal as refused:
        return refused


@given(st.decimals(min_value=0, max_value=10**14, places=4), st.integers(min_value=0, max_value=4))
def test_an_amount_keeps_its_value_through_the_wire_and_its_hash_through_its_writing(
    amount: Decimal, zeros: int
) -> None:
    deal = admit({"id": "d", "amount": {"amount": str(amount), "currency": "JPY"}})
    again = admit(json.loads(deal.model_dump_json(exclude_none=True)))
    assert again.amount == deal.amount
    trimmed = amount.quantize(Decimal(1).scaleb(-zeros))
    if trimmed == amount:
        short = deal.model_copy(update={"amount": Money(amount=trimmed, currency="JPY")})
        assert content_hash(short, "p") == content_hash(deal, "p")
