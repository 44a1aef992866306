"""A deal that is opened again: who was sent what the stage begins with does not get it again, and anybody else does."""

from __future__ import annotations

import pytest

from dealwright.effects import SendEmail, SendSms
from dealwright.entries import StepSkipped
from tests.dealwright.story import ANA, Story, of_stage

CADENCE = of_stage("""
- name: cadence
  on: entered
  steps: [{email: hello, marketing: false}, {after: 2d, email: more, marketing: false}]
""")
TEXTS = of_stage("- {name: cadence, on: entered, steps: [{sms: hello, by: machine}]}")
BEN = {**ANA, "id": "ben", "name": "Ben", "email": "ben@buyer.example", "phone": "+49 170 7654321"}


def hellos(story: Story) -> list[str]:
    """To whom the first message went."""
    sent = [*story.all(SendEmail), *story.all(SendSms)]
    return [f"{one.to.id} {one.address}" for one in sent if one.template == "hello"]


def opened_again(story: Story, *contacts: dict[str, str]) -> Story:
    """A deal that knows these contacts by now, and that was lost and opened again."""
    story.wait(hours=1).order("amend", known={"contacts": contacts}, why="they told us")
    story.order("close", outcome="lost", why="no budget")
    story.order("reopen", why="a budget after all")
    return story.wait(hours=1)


def test_whoever_stands_in_the_old_contacts_place_gets_the_stages_first_message() -> None:
    story = opened_again(Story(CADENCE), BEN)

    assert hellos(story) == ["ana ana@buyer.example", "ben ben@buyer.example"]


def test_so_they_do_by_text_message() -> None:
    story = Story(TEXTS, contacts=[{**ANA, "phone": "+49 170 1234567"}, BEN])
    for who in ("ana", "ben"):
        story.tell("channel_allowed", channel="sms", contact=who, at="2026-02-20T10:00:00Z")
    story.order("start_play", play="cadence", why="she agreed to get some")

    assert hellos(opened_again(story, BEN)) == ["ana +491701234567", "ben +491707654321"]


@pytest.mark.parametrize(
    "known",
    [{"id": "ana"}, {"id": "ana", "email": "ana@new.example"}, {"id": "a-lopez"}],
    ids=["as they were", "with another address", "under another id"],
)
def test_whoever_got_it_before_does_not(known: dict[str, str]) -> None:
    story = opened_again(Story(CADENCE), {**ANA, **known})

    assert hellos(story) == ["ana ana@buyer.example"]
    assert story.last(StepSkipped).why == "it went out before the deal was opened again"


def test_whoever_it_never_reached_gets_it_at_their_corrected_address() -> None:
    story = Story(CADENCE)
    story.tell("email_bounced", address="ana@buyer.example")

    story = opened_again(story, {**ANA, "email": "ana@new.example"})

    assert hellos(story) == ["ana ana@buyer.example", "ana ana@new.example"]


def test_what_was_said_is_left_out_at_once_and_not_once_their_office_opens() -> None:
    story = Story(CADENCE)
    story.order("close", outcome="lost", why="no budget")

    story.until("2026-03-06 19:00").order("reopen", why="a budget after all")

    assert f"{story.last(StepSkipped).at:%a %H:%M}" == "Fri 19:00"


def test_what_was_said_is_left_out_at_once_though_they_are_away() -> None:
    story = Story(CADENCE)
    story.order("close", outcome="lost", why="no budget")
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-12")

    story.wait(hours=1).order("reopen", why="a budget after all")

    assert story.noted(StepSkipped)
