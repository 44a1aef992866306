"""Work by which a person reaches a contact: a call, a social network, a text message, a letter."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import CreateTask
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.story import Story, moment, of_stage

RULES = of_stage(
    """
- name: reach
  on: demo_held
  steps:
    - {email: hello}
    - {after: 1d, call: exec_intro, outcomes: [connected, voicemail], wait: true}
    - {if: {task_done: {exec_intro: voicemail}}, social: connect}
    - {task: clean_up}
"""
)
BEN = {"id": "ben", "name": "Ben", "phone": "+49 30 1", "role": "CEO"}


def one(step: str) -> Story:
    story = Story(of_stage(f"- {{name: reach, on: demo_held, do: [{{{step}}}]}}"), contacts=[BEN])
    story.tell("demo_held")
    return story


@pytest.mark.parametrize(
    ("action", "title"),
    [
        ("call", "Call: say hello"), ("social", "Social network: say hello"), ("sms", "Text message: say hello"),
        ("post", "Letter or gift: say hello"),
    ],
)  # fmt: skip
def test_a_person_is_asked_to_reach_a_contact_by_the_channel(action: str, title: str) -> None:
    story = one(f"{action}: say_hello")

    (asked,) = story.all(CreateTask)
    assert (asked.title, asked.channel, asked.detail) == (title, action, "About Ben (CEO, +49 30 1).")
    (view,) = snapshot_of(story.state).open_tasks
    assert (view.name, view.channel, view.reaches) == ("say_hello", action, "ben")


def test_a_task_reaches_nobody() -> None:
    story = one("task: say_hello")
    story.order("complete_task", task="say_hello")

    closed = story.last(e.TaskClosed)
    assert (closed.channel, closed.reaches, closed.touch_by) == (None, None, None)
    assert story.state.first_touch_at is None


def test_it_is_waited_for_by_its_name_and_may_end_in_several_ways() -> None:
    story = Story(RULES)
    story.tell("demo_held")
    story.wait(days=1).order("complete_task", task="exec_intro", outcome="voicemail")

    assert "connect" in story.tasks


def test_the_story_says_by_which_channel_whom_a_person_reached() -> None:
    story = one("call: say_hello")
    story.order("complete_task", task="say_hello", by="Max")

    closed = story.last(e.TaskClosed)
    assert (closed.channel, closed.reaches, closed.touch_by, closed.by) == ("call", "ben", "person", "Max")


def test_the_story_says_of_a_message_that_the_machine_sent_it() -> None:
    story = Story(RULES)
    story.tell("demo_held")

    started = next(entry for entry in story.noted(e.EffectStarted) if entry.does == "send_email")
    assert (started.channel, started.touch_by) == ("email", "machine")


def test_the_first_answer_of_a_person_is_told_apart_from_the_machines() -> None:
    story = Story(RULES)
    story.tell("demo_held")
    story.until("2026-03-03 11:00").order("complete_task", task="exec_intro", outcome="connected")

    shown = snapshot_of(story.state)
    assert shown.first_touch_at == moment("2026-03-02 10:00")
    assert shown.first_human_touch_at == moment("2026-03-03 11:00")


def test_a_call_that_was_logged_counts_by_when_it_was_made() -> None:
    story = Story(RULES).until("2026-03-03 11:00")
    story.tell("call_logged", result="no_answer", at=moment("2026-03-02 12:00"))

    assert story.state.first_touch_at == story.state.first_human_touch_at == moment("2026-03-02 12:00")


def test_a_call_that_the_buyer_made_is_no_touch_of_ours() -> None:
    story = Story(RULES).until("2026-03-03 11:00")
    story.tell("call_logged", result="connected", direction="in", at=moment("2026-03-02 12:00"))

    assert story.state.first_touch_at is None


def test_a_call_that_nobody_made_is_none() -> None:
    story = one("call: say_hello")
    story.order("skip_play", play="reach", why="No need")

    assert story.last(e.TaskClosed).touch_by is None
    assert story.state.first_touch_at is None


def test_a_call_that_goes_to_somebody_else_is_still_a_call() -> None:
    story = one("call: say_hello")
    story.order("reassign", role="rep", to={"name": "Max"}, why="on leave")
    story.order("complete_task", task="say_hello")

    assert (story.last(e.TaskClosed).channel, story.last(e.TaskClosed).reaches) == ("call", "ben")


def test_somebody_was_called_before_a_deal_is_closed_for_silence() -> None:
    steps = "[{call: say_hello, wait: true}, {after: 1d, close: unresponsive}]"
    story = Story(of_stage(f"- {{name: reach, on: demo_held, steps: {steps}}}"))
    story.tell("demo_held")
    story.order("complete_task", task="say_hello")

    assert story.wait(days=2).outcome == "unresponsive"
