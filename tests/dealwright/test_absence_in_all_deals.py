"""An absence that one deal was told of holds in all deals."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.absence_stories import BEN, NEWS, away
from tests.dealwright.story import ANA, Story


def put_off(story: Story, until: str = "2026-03-12T00:00:00Z", since: str = "2026-03-01T08:00:00Z") -> None:
    """The store puts the last message off: another deal was told that its addressee is away."""
    message = story.all(SendEmail)[-1]
    story.come_back(message, "deferred", until=until, away_since=since, reason="they are away")


@pytest.fixture
def asked() -> Story:
    """A message is on its way."""
    story = Story(NEWS, contacts=[ANA, BEN])
    story.keep("one")
    story.tell("note_added", text="anything")
    return story


@pytest.mark.parametrize(
    ("named", "addresses"),
    [
        ({}, ["ana@buyer.example"]),
        ({"contact": "ana", "address": "ana@home.example"}, ["ana@home.example", "ana@buyer.example"]),
        ({"address": "Eve@Buyer.example"}, ["eve@buyer.example"]),
    ],
)
def test_an_absence_names_the_persons_addresses_for_other_deals_at_once(
    named: dict[str, str], addresses: list[str]
) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    away(story, "2026-03-12", **named)

    assert list(story.last(e.TouchesHeld).addresses) == addresses
    assert story.decision.report_now


def test_the_absence_of_somebody_unknown_holds_no_message_of_the_deal_itself() -> None:
    story = Story(NEWS)

    away(story, "2026-03-12", address="eve@buyer.example")
    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]
    assert story.last(e.TouchesHeld).contact is None


def test_a_reply_of_somebody_who_was_away_is_reported_at_once() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.wait(hours=1)

    story.tell("reply_received", sentiment="other")

    assert story.decision.report_now


def test_a_message_to_somebody_who_told_another_deal_waits_for_their_return(asked: Story) -> None:
    put_off(asked)

    assert asked.until("2026-03-12 12:00").sent == ["Mon 10:00 one", "Thu 09:00 one"]


def test_later_messages_wait_without_being_tried(asked: Story) -> None:
    put_off(asked)
    asked.until("2026-03-03 10:00")

    asked.tell("note_added", text="more")

    assert set(asked.steps.values()) == {"Thu 12 Mar 09:00"}


def test_a_reply_to_this_deal_ends_the_wait(asked: Story) -> None:
    put_off(asked)
    asked.until("2026-03-04 10:00")

    asked.tell("reply_received", sentiment="other", contact="ana")

    assert asked.sent == ["Mon 10:00 one", "Wed 10:00 one"]


def test_what_another_deal_was_told_is_not_taken_back_by_what_this_one_is_told(asked: Story) -> None:
    put_off(asked)

    asked.tell("fact_retracted", retracts="reply_received")

    assert asked.until("2026-03-12 12:00").sent == ["Mon 10:00 one", "Thu 09:00 one"]


def test_who_takes_their_place_does_not_wait(asked: Story) -> None:
    put_off(asked)
    asked.until("2026-03-04 10:00")

    asked.order("amend", why="she left", known={"contacts": [BEN]})

    assert [(email.to.id, f"{email.at:%a}") for email in asked.all(SendEmail)] == [("ana", "Mon"), ("ben", "Wed")]


def test_who_took_their_place_meanwhile_does_not_wait(asked: Story) -> None:
    message = asked.all(SendEmail)[-1]
    asked.order("amend", why="she left", known={"contacts": [BEN]})
    story = asked

    story.come_back(message, "deferred", until="2026-03-12T00:00:00Z", away_since="2026-03-01T08:00:00Z")

    assert [email.to.id for email in story.all(SendEmail)] == ["ana", "ben"]
    assert story.noted(e.TouchesHeld) == []


def test_a_deal_that_knows_better_tries_again_soon(asked: Story) -> None:
    asked.tell("reply_received", sentiment="other", contact="ana")

    put_off(asked)

    assert asked.wait(minutes=15).sent == ["Mon 10:00 one", "Mon 10:15 one"]
