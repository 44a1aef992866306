"""Pauses: everything stands still, and as much of each delay is left as when they began."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.story import Story, of_stage, playbook

RULES = of_stage("""
- name: cadence
  on: entered
  steps: [{email: hello}, {after: 4d, email: again}]
- {name: ask, on: entered, do: [{task: call, due: 3d}]}
- {name: answer, on: reply_received, do: [{after: 2h, notify: rep, text: Answer}, {task: read, due: 4h}]}
""")


def paused(**more: object) -> Story:
    story = Story(RULES).until("2026-03-03 10:00")
    story.order("pause", why="they moved house", **more)
    return story


def test_nothing_goes_out_while_a_deal_is_paused() -> None:
    story = paused().until("2026-03-30 10:00")

    assert (story.sent, story.told) == (["Mon 10:00 hello"], [])


def test_what_was_left_of_each_delay_is_still_left() -> None:
    story = paused().until("2026-03-13 10:00")  # three of four days were left, and two of three

    story.order("resume")

    assert story.steps == {"e-mail again": "Mon 16 Mar 10:00"}
    assert story.tasks == {"call": "Sun 15 Mar 10:00"}


def test_what_begins_in_a_pause_waits_from_when_the_deal_goes_on() -> None:
    story = paused().until("2026-03-12 10:00")
    story.tell("reply_received")

    story.until("2026-03-13 10:00").order("resume")

    assert story.steps["notify rep"] == "Fri 13 Mar 12:00"


def test_a_pause_with_an_end_ends_by_itself() -> None:
    story = paused(until="2026-03-10T09:00:00Z").until("2026-03-10 09:00")

    assert story.last(e.Resumed).by == "dealwright"
    assert story.steps == {"e-mail again": "Fri 13 Mar 09:00"}


def test_a_message_that_a_pause_moved_out_of_hours_waits_for_the_morning() -> None:
    story = paused(until="2026-03-10T18:00:00Z").until("2026-03-16 12:00")

    assert story.sent == ["Mon 10:00 hello", "Mon 09:00 again"]


def test_a_pause_without_an_end_is_brought_to_mind_after_four_weeks() -> None:
    story = paused().until("2026-04-30 12:00")

    assert [f"{entry.at:%d %b}" for entry in story.noted(e.PauseReviewed)] == ["31 Mar", "28 Apr"]
    assert story.told[0] == "rep: Deal acme has been paused since 03 Mar 2026."


def test_facts_are_taken_in_a_pause_and_have_their_effect_after_it() -> None:
    rules = of_stage("[{name: cadence, on: entered, until: reply_received, steps: [{after: 1d, email: hello}]}]")
    story = Story(rules)
    story.order("pause", why="x")
    story.tell("reply_received")

    story.order("resume")

    assert story.until("2026-03-20 10:00").sent == []


def test_a_deal_does_not_move_on_in_a_pause() -> None:
    story = Story(playbook("stages: [{name: one, owner: rep, leave_when: demo_held}, {name: two, owner: rep}]"))
    story.order("pause", why="x")
    story.tell("demo_held")
    before = story.stage

    story.order("resume")

    assert (before, story.stage) == ("one", "two")


def test_no_deadline_is_missed_in_a_pause() -> None:
    assert paused().until("2026-03-31 09:00").noted(e.DeadlineMissed) == []


def test_a_deadline_that_is_a_date_does_not_move_with_a_pause() -> None:
    rules = of_stage("[{name: go, on: demo_booked, do: [{task: prepare, due: {before: demo.starts_at, by: 1bd}}]}]")
    story = Story(rules)
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")

    story.order("pause", why="x", until="2026-03-10T10:00:00Z")
    story.until("2026-03-11 10:00")

    assert story.tasks == {"prepare": "Thu 19 Mar 10:00"}


def test_a_dated_message_whose_time_passed_in_the_pause_is_not_sent_late() -> None:
    rules = of_stage("[{name: go, on: demo_booked, do: [{at: {before: demo.starts_at, by: 2d}, email: reminder}]}]")
    story = Story(rules)
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")
    story.order("pause", why="x", until="2026-03-19T12:00:00Z")

    story.until("2026-03-21 10:00")

    assert story.sent == []
    assert story.last(e.StepSkipped).why == "too late"


def test_an_attempt_that_was_to_be_made_again_waits_for_the_end_of_the_pause() -> None:
    story = Story(RULES)
    story.keep("again")
    story.until("2026-03-06 10:00")
    story.come_back(story.all(SendEmail)[-1], "deferred", until="2026-03-09T10:00:00Z")

    story.order("pause", why="x", until="2026-03-11T18:00:00Z")
    decision = story.until("2026-03-10 10:00").decision

    assert decision.wake_at is not None
    assert decision.wake_at > story.now
    assert story.until("2026-03-13 10:00").sent == ["Mon 10:00 hello", "Fri 10:00 again", "Thu 09:00 again"]


def test_a_pause_that_is_over_before_it_begins_is_refused() -> None:
    story = Story(RULES)

    verdict = story.order("pause", why="x", until="2026-03-01T10:00:00Z")

    assert (verdict.accepted, verdict.text) == (False, "2026-03-01T10:00:00+00:00 is past: give a later time, or none.")


def test_a_pause_for_ever_by_the_last_of_all_times_is_refused() -> None:
    verdict = Story(RULES).order("pause", why="x", until="9999-12-31T23:59:59Z")

    assert (verdict.accepted, verdict.text) == (
        False, "9999-12-31T23:59:59+00:00 is too far away: give an earlier time, or none.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "text"), [("pause", "The deal is paused already."), ("resume", "The deal goes on.")]
)
def test_a_paused_deal_answers_what_is_asked_of_it(command: str, text: str) -> None:
    assert paused().order(command, **({"why": "x"} if command == "pause" else {})).text == text


def test_a_deal_that_is_not_paused_cannot_be_resumed() -> None:
    assert Story(RULES).order("resume").text == "The deal is not paused."


LAPSE = of_stage("""
- name: lapsed
  on: {after: contract.ends_on, by: 1d}
  do: [{task: ask, due: 2d}, {after: 14d, close: churned}]
""")


def test_who_is_asked_only_when_a_pause_ends_has_all_the_time_that_the_play_gives() -> None:
    story = Story(LAPSE, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    story.order("pause", why="they moved house", until="2026-04-06T10:00:00Z")

    story.until("2026-04-06 10:00")

    assert (story.outcome, story.tasks) == (None, {"ask": "Wed 08 Apr 10:00"})
    assert story.until("2026-04-20 09:59").outcome is None
    assert story.until("2026-04-20 10:00").outcome == "churned"


def test_what_was_past_before_a_pause_began_has_what_was_left_of_its_time() -> None:
    story = Story(LAPSE, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"}).until("2026-03-13 10:00")
    story.order("pause", why="they moved house", until="2026-04-06T10:00:00Z")

    assert story.until("2026-04-16 23:59").outcome is None
    assert story.until("2026-04-18 10:00").outcome == "churned"


@pytest.mark.parametrize(
    ("fact", "more", "said"),
    [
        ("reply_received", {"contact": "ana", "sentiment": "interested"}, "Reply received (interested)"),
        ("meeting_booked", {"starts_at": "2026-03-20T10:00:00Z"}, "Meeting booked"),
        ("proposal_accepted", {}, "Proposal accepted"),
        ("contract_signed", {"starts_on": "2026-03-10", "ends_on": "2027-03-09"}, "Contract signed"),
    ],
)
def test_whoever_has_a_paused_deal_hears_at_once_that_the_buyer_is_back(
    fact: str, more: dict[str, str], said: str
) -> None:
    story = paused()

    story.tell(fact, **more)

    assert story.told == [f"rep: {said}, and deal acme is paused: resume it if it goes on."]


@pytest.mark.parametrize("sentiment", ["out_of_office", "unsubscribe"])
def test_nobody_is_told_of_what_asks_for_no_answer(sentiment: str) -> None:
    story = paused()

    story.tell("reply_received", contact="ana", sentiment=sentiment)

    assert story.told == []


def test_nobody_is_told_of_a_reply_to_a_deal_that_goes_on() -> None:
    story = paused()
    story.order("resume")

    story.tell("reply_received", contact="ana", sentiment="interested")

    assert story.told == []
