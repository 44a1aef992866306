"""An open deal always has somebody's next step."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import CloseTask, CreateTask
from tests.dealwright.story import Story, of_stage


def test_the_owner_is_asked_for_the_next_step_where_nothing_is_planned() -> None:
    story = Story(of_stage("[{name: thank, on: demo_held, do: [{task: call}]}]"))

    assert story.asks_for_next_step


def test_the_question_is_on_the_owners_list_only_if_it_still_stands_a_while_later() -> None:
    story = Story(of_stage("[{name: thank, on: demo_held, do: [{task: call}]}]"))
    at_once = [task.title for task in story.all(CreateTask)]

    story.until("2026-03-02 10:10").tell("demo_held")
    story.until("2026-03-02 11:00").order("complete_task", task="call")
    story.until("2026-03-02 11:15")

    asked = [task.title for task in story.all(CreateTask)]
    assert (at_once, asked) == ([], ["call", "Nothing is planned in selling: decide what comes next"])
    assert not [closed for closed in story.all(CloseTask) if "next-step" in closed.task]


def test_the_question_goes_away_once_something_is_planned_and_comes_again_after_it() -> None:
    story = Story(of_stage("[{name: thank, on: demo_held, do: [{task: call}]}]"))

    story.tell("demo_held")
    planned = story.asks_for_next_step
    story.order("complete_task", task="call")

    assert (planned, story.asks_for_next_step) == (False, True)


def test_a_day_that_was_agreed_is_a_next_step_until_it_is_over() -> None:
    story = Story(of_stage("[{name: thank, on: demo_held, do: [{task: call}]}]"))

    story.tell("next_step_agreed", on="2026-03-10")

    assert not story.asks_for_next_step
    assert not story.until("2026-03-10 18:00").asks_for_next_step
    assert story.until("2026-03-11 10:00").asks_for_next_step


@pytest.mark.parametrize("thing", ["demo", "meeting"])
def test_a_meeting_that_is_booked_is_a_next_step_until_its_day_is_over(thing: str) -> None:
    story = Story(of_stage("[{name: thank, on: contract_signed, do: [{task: call}]}]"))

    story.tell(f"{thing}_booked", starts_at="2026-03-10T09:00:00Z")

    assert not story.asks_for_next_step
    assert not story.until("2026-03-10 18:00").asks_for_next_step
    assert story.until("2026-03-11 10:00").asks_for_next_step


@pytest.mark.parametrize("became", ["demo_held", "demo_missed", "demo_cancelled"])
def test_a_demo_that_was_held_missed_or_called_off_is_no_next_step(became: str) -> None:
    story = Story(of_stage("[{name: thank, on: contract_signed, do: [{task: call}]}]"))
    story.tell("demo_booked", id="d1", starts_at="2026-03-10T09:00:00Z")

    story.until("2026-03-10 09:30").tell(became, demo="d1")

    assert story.asks_for_next_step


def test_another_meeting_that_is_still_booked_is_a_next_step() -> None:
    story = Story(of_stage("[{name: thank, on: contract_signed, do: [{task: call}]}]"))
    story.tell("demo_booked", id="d1", starts_at="2026-03-10T09:00:00Z")
    story.tell("meeting_booked", id="m1", starts_at="2026-03-12T09:00:00Z")

    story.tell("demo_cancelled", demo="d1")

    assert not story.until("2026-03-12 18:00").asks_for_next_step
    assert story.until("2026-03-13 10:00").asks_for_next_step


def test_whoever_says_that_it_is_decided_is_asked_again_later() -> None:
    story = Story(of_stage("[{name: thank, on: demo_held, do: [{task: call}]}]"))

    story.order("complete_task", task="decide_next_step")

    assert story.task("decide_next_step").due_at.isoformat() == "2026-03-09T10:00:00+00:00"


def test_a_finished_deal_is_asked_nothing() -> None:
    story = Story(of_stage("[{name: thank, on: demo_held, do: [{task: call}]}]"))

    story.order("close", outcome="lost", why="gone")

    assert not story.asks_for_next_step
    assert story.noted(e.TaskClosed)
