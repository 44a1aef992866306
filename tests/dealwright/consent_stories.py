"""What the tests of consent share: playbooks that send, and what was sent."""

from __future__ import annotations

from dealwright.effects import SendEmail
from tests.dealwright.story import Story, of_stage

NEWS = of_stage("""
- name: news
  on: note_added
  steps:
    - {email: one}
    - {after: 1bd, email: two}
""")


REMINDER = of_stage("[{name: remind, on: demo_booked, do: [{email: reminder, marketing: false}]}]")


BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC"}


def told_to(story: Story) -> list[str | None]:
    """The addresses that messages went to."""
    return [email.to.email for email in story.all(SendEmail)]


def points(story: Story) -> list[str]:
    """What asks for attention."""
    return list(story.state.attention.values())


# --- and is settled once they are known ---------------------------------------------------------------------


EVE = {"id": "eve", "name": "Eve", "email": "eve@buyer.example", "timezone": "UTC"}


# --- one address in two alphabets ---------------------------------------------------------------------------


LETTERS, PUNYCODE = "Zoë@Bücher.example", "zoë@xn--bcher-kva.example"
