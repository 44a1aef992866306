"""Whatever is told of a person holds for them, whether the deal knew them then or came to know them only later."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dealwright import consent, text_consent
from dealwright.facts import FACTS, AboutPerson
from dealwright.state import Counted, DealState
from tests.dealwright.consent_stories import NEWS, told_to
from tests.dealwright.story import ANA, MONDAY, Story, moment, of_stage

EVE = {
    "id": "eve", "name": "Eve", "email": "Eve@Buyer.example", "phone": "+49 170 1234567", "timezone": "UTC",
}  # fmt: skip
BY_ID, BY_MAIL, BY_PHONE = {"contact": "eve"}, {"address": "eve@buyer.example"}, {"address": "+491701234567"}
BY_BOTH = {"contact": "eve", "address": "eve@buyer.example"}
Told = tuple[str, dict[str, object]]

_WAYS: dict[str, list[dict[str, object]]] = {
    "opted_out": [{}],
    "email_bounced": [{"kind": "hard"}, {"kind": "soft"}],
    "sms_undelivered": [{"kind": "hard"}, {"kind": "soft"}],
    "channel_refused": [{"channel": "call"}, {"channel": "sms"}, {"channel": "social"}],
    "channel_allowed": [{"channel": "call"}, {"channel": "sms"}],
    "reply_received": [
        {"sentiment": "out_of_office"}, {"sentiment": "out_of_office", "returns_on": "2026-03-20"},
        {"sentiment": "out_of_office", "returns_on": "2026-03-12"}, {"sentiment": "interested"},
        {"sentiment": "not_interested"}, {"sentiment": "unsubscribe"}, {"sentiment": "wrong_person"},
        {"sentiment": "other", "message_id": "<1@buyer.example>"},
        {"sentiment": "referral", "refers_to": {"name": "Fay", "email": "fay@buyer.example"}},
    ],
    "call_logged": [{"result": "connected"}, {"result": "voicemail", "direction": "in"}, {"result": "no_answer"}],
}  # fmt: skip
"""What may be told of a person, in each of its ways."""
_NAMED: dict[str, list[dict[str, str]]] = {
    "email_bounced": [BY_MAIL, BY_BOTH],  # who is named alone had another address then: see below
    "sms_undelivered": [BY_PHONE],
}
_OF_A_CONVERSATION: list[Told] = [
    ("meeting_held", {"attended": ["eve"]}),
    ("demo_held", {"attended": ["ana", "eve"]}),
    ("conversation_recorded", {"conversation": "c1", "parties": [BY_MAIL]}),
    ("conversation_recorded", {"conversation": "c2", "parties": [{"contact": "eve"}, {"contact": "ana"}]}),
]
ALL: list[Told] = [
    (fact, {**way, **named})
    for fact, ways in _WAYS.items()
    for way in ways
    for named in _NAMED.get(fact, [BY_ID, BY_MAIL, BY_PHONE, BY_BOTH])
] + _OF_A_CONVERSATION


def _tell_nothing_twice(told: list[Told]) -> bool:
    """Whether no message, meeting or conversation is told of again: which telling counts is the first's to say."""
    named = [payload.get("message_id") or payload.get("conversation") or fact for fact, payload in told]
    once = [name for name in named if name not in _WAYS]
    return len(once) == len(set(once))


_SEVERAL = st.lists(st.sampled_from(ALL), min_size=2, max_size=4).filter(_tell_nothing_twice)
_MINUTES = st.lists(st.integers(1, 3000), unique=True)


def test_everything_that_can_be_told_of_a_person_is_told_here() -> None:
    about_people = {name for name, fact in FACTS.items() if issubclass(fact, AboutPerson)}

    assert about_people - _WAYS.keys() == {"enrolment_advanced", "enrolment_ended"}  # whom we enrolled is known


@pytest.mark.parametrize("told", ALL, ids=str)
def test_what_was_told_before_somebody_is_known_is_known_of_them(told: Told) -> None:
    assert known_of_eve(told_after([(told, 10)])) == known_of_eve(told_before([(told, 10)]))


@settings(max_examples=100, deadline=None)
@given(told=_SEVERAL, minutes=_MINUTES, data=st.data())
@example([("reply_received", {"sentiment": "out_of_office", **BY_ID})], [1], None)
def test_so_is_all_of_it_in_whatever_order_it_arrives(
    told: list[Told], minutes: list[int], data: st.DataObject | None
) -> None:
    dated = list(zip(told, sorted(minutes), strict=False))
    arrived = data.draw(st.permutations(dated)) if data is not None else dated

    assert known_of_eve(told_after(arrived)) == known_of_eve(told_before(dated))


def test_a_bounce_that_names_no_address_is_not_about_one_that_becomes_known_later() -> None:
    story = Story(NEWS)
    story.tell("email_bounced", kind="hard", contact="eve")

    story.tell("contacts_learned", contacts=[EVE])

    assert story.state.silenced == {}
    assert "email_bounced:hard" in story.state.happened_with["eve"]


def test_who_is_away_when_they_become_known_is_waited_for() -> None:
    hello = of_stage("[{name: hello, for_each: {contact: {role: user}}, on: entered, do: [{email: hello}]}]")
    story = Story(hello, contacts=[])
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-10", address="eve@buyer.example")

    story.tell("contacts_learned", contacts=[{**EVE, "role": "user"}])
    story.until("2026-03-09 23:00")
    assert told_to(story) == []

    story.until("2026-03-11 10:00")
    assert told_to(story) == ["Eve@Buyer.example"]


def test_a_number_that_refused_texts_before_it_was_known_gets_none() -> None:
    story = Story(NEWS)
    story.tell("channel_allowed", channel="call", **BY_PHONE)
    story.tell("channel_refused", channel="call", **BY_PHONE)

    story.tell("contacts_learned", contacts=[EVE])

    assert story.state.channel_wishes["call eve"].allowed is False


def test_what_was_taken_back_holds_for_nobody() -> None:
    story = Story(NEWS)
    story.tell("channel_refused", channel="call", **BY_MAIL)
    story.tell("fact_retracted", retracts="channel_refused")

    story.tell("contacts_learned", contacts=[EVE])

    assert "call eve" not in story.state.channel_wishes


def told_before(dated: list[tuple[Told, int]]) -> Story:
    """Eve is known, and then these facts are told of her."""
    story = _story()
    story.tell("contacts_learned", contacts=[EVE], at=moment(MONDAY))
    return _tell(story, dated)


def told_after(dated: list[tuple[Told, int]]) -> Story:
    """These facts are told, and then the deal learns what was true before them: that Eve is a contact."""
    story = _tell(_story(), dated)
    story.tell("contacts_learned", contacts=[EVE], at=moment(MONDAY))
    return story


def _story() -> Story:
    story = Story(NEWS, at="2026-03-01 10:00", contacts=[ANA])
    return story.until("2026-03-05 09:00")


def _tell(story: Story, dated: list[tuple[Told, int]]) -> Story:
    for (fact, payload), minutes in dated:
        story.tell(fact, at=moment(MONDAY) + timedelta(minutes=minutes), **payload)
    return story


def known_of_eve(story: Story) -> dict[str, object]:
    """What a deal knows of Eve, and what follows from it for who may reach her."""
    state, eve = story.state, consent.contact_of(story.state, "eve")
    names = ("eve", "eve@buyer.example", "+491701234567")
    silenced = {one: state.silenced[one].bounced for one in names if one in state.silenced}
    if eve is None:  # the wrong person: what was told of her since was told of somebody whom the deal does not know
        return {}
    return {
        "silenced": silenced,
        "opted out": "eve" in state.opted_out,
        "away": consent.away_until(state, eve, story.now),
        "heard from": state.heard_from.get("eve"),
        "spoken with": state.spoken_with.get("eve"),
        "wishes": {key: one for key, one in state.channel_wishes.items() if key.partition(" ")[2] in names},
        "happened": _happened(state),
        "counted": {(key, one.at) for key, ones in _counted(state) for one in ones if "eve" in one.concerns},
        "conversations": {key for key, one in state.conversations.items() if "eve" in one.concerns},
        "to read": {one.message_id for one in state.to_read.values() if one.contact == "eve"},
        "mail": consent.forbidden(state, eve, marketing=True),
        "texts": text_consent.forbidden(state, eve),
    }


def _happened(state: DealState) -> dict[str, datetime | None]:
    """When what was last; of what silences only that it was: told twice, it is no news the second time."""
    told = state.happened_with.get("eve", {})
    silences = ("opted_out", "email_bounced", "sms_undelivered")
    return {key: None if key.partition(":")[0] in silences else it.at for key, it in told.items()}


def _counted(state: DealState) -> list[tuple[str, tuple[Counted, ...]]]:
    silences = ("opted_out", "email_bounced", "sms_undelivered")
    return [(key, ones) for key, ones in state.counted.items() if key.partition(":")[0] not in silences]
