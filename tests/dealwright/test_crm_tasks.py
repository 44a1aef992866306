"""A task that somebody completes in the CRM is done."""

from __future__ import annotations

from tests.dealwright.story import Story, of_stage

TWO_STEPS = of_stage(
    """
- name: follow-up
  on: demo_held
  steps:
    - {task: call, wait: 5bd}
    - {task: write}
"""
)


def asked() -> Story:
    story = Story(TWO_STEPS).wait(hours=1)
    story.tell("demo_held")
    return story


def test_it_lets_the_play_go_on_as_the_command_does() -> None:
    story = asked()
    story.tell("crm_task_completed", task=story.task("call").id, by="Amy", result="reached her")
    assert list(story.tasks) == ["write"]


def test_it_is_done_once_however_often_it_is_told() -> None:
    story = asked()
    task = story.task("call").id
    story.tell("crm_task_completed", task=task)
    before = dict(story.state.tasks)
    story.tell("crm_task_completed", task=task)
    assert story.state.tasks == before


def test_a_task_that_nobody_asked_for_changes_nothing() -> None:
    story = asked()
    before = dict(story.state.tasks)
    story.tell("crm_task_completed", task="acme/none/1/call/1")
    assert story.state.tasks == before
