"""Deals whose contact is in a cadence of another tool."""

from __future__ import annotations

from dealwright.effects import EnrolContact
from tests.dealwright.story import Story, of_stage

RULES = of_stage("""
- name: prospecting
  on: {lead_qualified: sql}
  until: [reply_received, opted_out]
  steps:
    - enrol: outreach/42
    - {task: call, after: 1d}
""")


BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC"}


def enrolled(rules: object = RULES, **known: object) -> Story:
    """A deal whose contact has been enrolled."""
    story = Story(rules, **known)  # type: ignore[arg-type]
    story.tell("lead_qualified", level="sql", id="q-1")
    return story


def ended(story: Story, how: str, **more: object) -> None:
    (effect,) = story.all(EnrolContact)
    story.tell("enrolment_ended", enrolment=effect.enrolment, how=how, **{"id": f"end-{how}", **more})
