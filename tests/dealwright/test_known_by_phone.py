"""Contacts without an address of mail: by their number, other deals know what they wish."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.story import ANA, Story, of_stage

PHONE = "+491701234567"
EVE = {"id": "eve", "name": "Eve", "phone": "+49 170 1234567"}
RULES = of_stage("- {name: call, on: entered, do: [{call: her}]}")


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("opted_out", {}),
        ("channel_refused", {"channel": "call"}),
        ("channel_refused", {"channel": "post"}),
        ("reply_received", {"sentiment": "unsubscribe", "channel": "chat"}),
    ],
)
def test_what_they_say_is_said_of_their_number(fact: str, said: dict[str, object]) -> None:
    story = Story(RULES, contacts=[EVE])
    story.tell(fact, contact="eve", **said)
    taken = [entry for entry in story.entries if isinstance(entry, e.FactTaken)]
    assert {entry.addresses for entry in taken} == {(PHONE,)}


@pytest.mark.parametrize(
    ("fact", "channel"), [("channel_allowed", "call"), ("channel_allowed", "sms"), ("channel_refused", "sms")]
)
def test_leave_and_what_is_said_of_texts_is_a_person_s_unless_it_names_the_number(fact: str, channel: str) -> None:
    story = Story(RULES, contacts=[EVE])
    story.tell(fact, contact="eve", channel=channel)
    assert story.last(e.FactTaken).addresses == ()


def test_of_whoever_has_an_address_it_is_said_of_the_address() -> None:
    story = Story(RULES, contacts=[{**ANA, "phone": EVE["phone"]}])
    story.tell("channel_refused", contact="ana", channel="call")
    assert story.last(e.FactTaken).addresses == ("ana@buyer.example",)


def test_a_number_that_is_none_in_international_form_names_nobody() -> None:
    story = Story(RULES, contacts=[{**EVE, "phone": "0170 1234567"}])
    story.tell("opted_out", contact="eve")
    assert story.last(e.FactTaken).addresses == ()


def test_what_another_deal_was_told_by_the_number_takes_the_call_off_the_list() -> None:
    story = Story(RULES, contacts=[EVE])
    assert "her" in story.tasks
    story.tell("channel_refused", channel="call", address=PHONE, source="other-deals")
    assert "her" not in story.tasks
