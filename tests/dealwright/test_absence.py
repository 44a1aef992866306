"""Whoever is away gets no messages until they are back."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.absence_stories import BEN, NEWS, away
from tests.dealwright.story import ANA, Story


@pytest.mark.parametrize("named", [{"contact": "ben"}, {"address": "Ben@buyer.example"}])
def test_somebody_elses_absence_holds_no_message(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    away(story, "2026-03-12", **named)
    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]


@pytest.mark.parametrize("named", [{}, {"contact": "ana"}, {"address": "ana@buyer.example"}])
def test_a_contacts_own_absence_holds_their_messages(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    away(story, "2026-03-12", **named)
    story.tell("note_added", text="anything")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_the_day_of_return_begins_where_the_contact_is() -> None:
    story = Story(NEWS, contacts=[{**ANA, "timezone": "America/Los_Angeles"}])

    away(story, "2026-03-05")
    story.tell("note_added", text="anything")

    assert story.steps == {"e-mail one": "Mon 02 Mar 17:00"}
    assert story.until("2026-03-06 00:00").sent == ["Thu 17:00 one"]


def test_a_contact_whose_address_is_that_of_somebody_away_is_away_too() -> None:
    story = Story(NEWS, contacts=[{**ANA, "email": "team@buyer.example"}, {**BEN, "email": "TEAM@buyer.example"}])

    away(story, "2026-03-12", contact="ben")
    story.tell("note_added", text="anything")

    assert story.sent == []


def test_a_later_reply_ends_an_absence_at_once() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.tell("note_added", text="anything")

    story.until("2026-03-04 11:00")
    story.tell("reply_received", sentiment="other")

    assert story.sent == ["Wed 11:00 one"]


def test_somebody_elses_reply_does_not_end_it() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    away(story, "2026-03-12", contact="ana")
    story.tell("note_added", text="anything")

    story.tell("reply_received", contact="ben")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_a_reply_written_before_they_left_does_not_end_it() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")

    story.tell("reply_received", sentiment="other", at="2026-03-01T10:00:00Z")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_an_absence_that_is_told_after_the_reply_that_ended_it_holds_nothing() -> None:
    story = Story(NEWS)
    story.tell("reply_received", sentiment="other", at="2026-03-02T09:30:00Z")

    away(story, "2026-03-12", at="2026-03-02T08:00:00Z")
    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]


def test_an_older_notice_of_absence_does_not_overwrite_a_newer_one() -> None:
    story = Story(NEWS)
    away(story, "2026-03-05", at="2026-03-02T09:00:00Z")

    away(story, "2026-03-12", at="2026-03-02T08:00:00Z")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-20 12:00").sent == ["Thu 09:00 one", "Fri 09:00 two"]


@pytest.mark.parametrize("late", [{"returns_on": "2026-03-12"}, {}], ids=["until a day", "without a day"])
def test_an_older_notice_counts_no_more_though_by_the_newer_one_they_are_back_already(late: dict[str, str]) -> None:
    story = Story(NEWS)
    away(story, "2026-03-02", at="2026-03-02T08:00:00Z")

    story.tell("reply_received", sentiment="out_of_office", at="2026-02-27T08:00:00Z", **late)
    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]


def taken_back(story: Story, at: str = "2026-03-02T09:00:00Z") -> None:
    story.tell("fact_retracted", retracts="reply_received", at=at)


def test_nobody_is_waited_for_whose_absence_was_taken_back() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12", at="2026-03-02T08:00:00Z")
    story.tell("note_added", text="anything")

    taken_back(story)

    assert story.sent == ["Mon 10:00 one"]
    assert story.last(e.TouchesHeld).sentence() == "ana is not away: it was taken back"
    assert (story.last(e.TouchesHeld).addresses, story.decision.report_now) == (("ana@buyer.example",), True)


def test_so_it_is_when_another_reply_was_told_since() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    away(story, "2026-03-12", at="2026-03-02T08:00:00Z")
    story.tell("reply_received", sentiment="other", contact="ben", at="2026-03-02T09:30:00Z")
    story.tell("note_added", text="anything")

    taken_back(story)

    assert story.sent == ["Mon 10:00 one"]


def test_so_it_is_of_somebody_who_is_known_only_later() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12", at="2026-03-02T08:00:00Z", address="ben@buyer.example")
    story.tell("reply_received", sentiment="other", contact="ana", at="2026-03-02T09:30:00Z")

    taken_back(story)
    story.tell("contacts_learned", contacts=[BEN])

    assert story.state.away == {}


def test_a_notice_that_came_after_what_was_taken_back_holds_on() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12", at="2026-03-02T09:30:00Z")
    story.tell("note_added", text="anything")

    taken_back(story)

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_whoever_returns_sooner_than_they_said_is_written_to_sooner() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.tell("note_added", text="anything")

    story.wait(hours=1)
    away(story, "2026-03-04")

    assert story.steps == {"e-mail one": "Wed 04 Mar 09:00"}


def test_an_absence_that_grows_longer_holds_on() -> None:
    story = Story(NEWS)
    away(story, "2026-03-05")
    story.tell("note_added", text="anything")
    story.wait(hours=1)

    away(story, "2026-03-10")

    assert story.until("2026-03-10 12:00").sent == ["Tue 09:00 one"]


def test_what_waited_for_somebody_who_left_goes_to_their_successor_without_waiting() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.tell("note_added", text="anything")
    story.until("2026-03-03 10:00")

    story.order("amend", why="she left", known={"contacts": [BEN]})

    assert [(email.to.id, f"{email.at:%a}") for email in story.all(SendEmail)] == [("ben", "Tue")]


def test_a_message_that_waited_for_a_cap_waits_for_whoever_is_away_by_then() -> None:
    story = Story(NEWS)
    story.keep("one")
    story.tell("note_added", text="anything")
    story.come_back(story.all(SendEmail)[0], "deferred", until="2026-03-04T10:00:00Z")

    away(story, "2026-03-12")
    story.until("2026-03-12 12:00")

    assert story.sent == ["Mon 10:00 one", "Thu 09:00 one"]


def test_such_a_message_leaves_when_they_are_back_early() -> None:
    story = Story(NEWS)
    story.keep("one")
    story.tell("note_added", text="anything")
    story.come_back(story.all(SendEmail)[0], "deferred", until="2026-03-04T10:00:00Z")
    away(story, "2026-03-12")
    story.until("2026-03-05 10:00")

    story.tell("reply_received", sentiment="other")

    assert story.sent == ["Mon 10:00 one", "Thu 10:00 one"]


def test_the_story_says_who_is_away_and_until_when() -> None:
    story = Story(NEWS)

    away(story, "2026-03-12")

    assert story.last(e.TouchesHeld).sentence() == "No touches to ana before Thu 12 Mar 2026: away"


def test_the_story_says_who_is_back_already() -> None:
    story = Story(NEWS)

    away(story, "2026-03-02")

    assert story.last(e.TouchesHeld).sentence() == "ana was away until Mon 02 Mar 2026"
