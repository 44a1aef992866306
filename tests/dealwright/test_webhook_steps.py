"""``webhook``: a step that tells one of the team's own systems about the deal."""

from __future__ import annotations

from dealwright.effects import PostWebhook
from tests.dealwright.story import Story, of_stage

RULES = of_stage("""
- name: won
  on: demo_held
  steps: [{webhook: billing, text: Prepare an invoice}, {task: thank_them}]
""")


def test_the_system_is_told_of_the_deal_as_it_is_and_the_play_goes_on() -> None:
    story = Story(RULES, at="2026-03-02 10:00")
    story.tell("demo_held", id="d-1")
    (posted,) = [effect for effect in story.effects if isinstance(effect, PostWebhook)]
    assert (posted.endpoint, posted.text, posted.play, posted.deal.id) == (
        "billing", "Prepare an invoice", "won", story.state.deal.id if story.state.deal else "",
    )  # fmt: skip
    assert [task.name for task in story.state.tasks.values()] == ["thank_them"]


def test_it_is_told_once_however_often_the_fact_comes() -> None:
    story = Story(RULES, at="2026-03-02 10:00")
    story.tell("demo_held", id="d-1")
    story.tell("demo_held", id="d-1")
    assert len([effect for effect in story.effects if isinstance(effect, PostWebhook)]) == 1
