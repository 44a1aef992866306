"""A system whose clock is minutes ahead of ours tells what it knows: what is done next comes after that all the same.

The deal opens at ten. A fact is told then, by a clock that is right, or is three minutes ahead; what follows is done a
minute later.
"""

from __future__ import annotations

import pytest

from dealwright.playbook.language.model import Playbook
from tests.dealwright.story import Story, of_stage, playbook

by_any_clock = pytest.mark.parametrize(
    "at", ["2026-03-02T09:59:00Z", "2026-03-02T10:03:00Z"], ids=["a clock that is right", "a clock that is ahead"]
)


def after_outreach(second_stage: str) -> Playbook:
    return playbook(
        f"""
stages:
  - {{name: outreach, owner: rep, leave_when: lead_qualified}}
  - {{name: selling, owner: rep, {second_stage}}}
  - {{name: close, owner: rep}}
"""
    )


@by_any_clock
def test_a_stage_is_left_for_the_task_that_it_asked_for(at: str) -> None:
    plays = "[{name: first, on: entered, do: [{task: call}]}]"
    story = Story(after_outreach(f"leave_when: {{task_done: call}}, plays: {plays}"))
    story.tell("lead_qualified", level="sql", at=at)

    story.wait(minutes=1).order("complete_task", task="call", by="rep")

    assert story.stage == "close"


@by_any_clock
def test_a_stage_that_somebody_moves_the_deal_to_is_not_left_for_what_was_told_before(at: str) -> None:
    story = Story(after_outreach("leave_when: reply_received"))
    story.tell("reply_received", sentiment="other", contact="ana", at=at)

    story.wait(minutes=1).order("move_to_stage", stage="selling", why="They called")

    assert story.wait(minutes=10).stage == "selling"


@by_any_clock
def test_a_play_of_that_stage_is_not_over_by_what_was_told_before(at: str) -> None:
    story = Story(after_outreach("plays: [{name: first, on: entered, until: reply_received, do: [{task: call}]}]"))
    story.tell("reply_received", sentiment="other", contact="ana", at=at)

    story.wait(minutes=1).order("move_to_stage", stage="selling", why="They called")

    assert set(story.tasks) == {"call"}


@by_any_clock
def test_a_play_that_a_task_starts_is_not_over_by_what_was_told_before(at: str) -> None:
    plays = """
- {name: first, on: demo_held, do: [{task: call}]}
- {name: second, on: {task_done: call}, until: reply_received, do: [{task: write}]}
"""
    story = Story(of_stage(plays))
    story.tell("demo_held")
    story.tell("reply_received", sentiment="other", contact="ana", at=at)

    story.wait(minutes=1).order("complete_task", task="call", by="rep")

    assert set(story.tasks) == {"write"}


@by_any_clock
def test_a_play_ends_by_the_task_that_ends_it(at: str) -> None:
    plays = """
- {name: first, on: demo_held, do: [{task: call}]}
- {name: second, on: demo_held, until: {task_done: call}, do: [{task: write}]}
"""
    story = Story(of_stage(plays))
    story.tell("demo_held", at=at)
    assert set(story.tasks) == {"call", "write"}  # at once: nobody waits for a clock

    story.wait(minutes=1).order("complete_task", task="call", by="rep")

    assert "write" not in story.tasks


@by_any_clock
def test_a_step_that_hangs_on_how_a_task_of_its_play_ended_is_done(at: str) -> None:
    ring = "{call: ring, outcomes: [got, missed], wait: true}"
    again = "{task: try_again, if: {task_done: {ring: missed}}}"
    story = Story(of_stage(f"- {{name: first, on: demo_held, steps: [{ring}, {again}]}}"))
    story.tell("demo_held", at=at)

    story.wait(minutes=1).order("complete_task", task="ring", by="rep", outcome="missed")

    assert "try_again" in story.tasks


@by_any_clock
def test_the_end_of_a_term_that_is_put_right_is_prepared_for(at: str) -> None:
    renewal = "{name: renewal, on: {before: contract.ends_on, by: 90d}, until: contract_renewed, do: [{task: prepare}]}"
    story = Story(of_stage(f"[{renewal}]", before="renews_on: contract_renewed"))
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09", at=at)

    right = {"starts_on": "2026-03-10", "ends_on": "2026-12-31"}
    assert story.wait(minutes=1).order("amend", known={"contract": right}, why="A typing mistake").accepted

    assert "prepare" in story.until("2026-10-10 10:00").tasks
