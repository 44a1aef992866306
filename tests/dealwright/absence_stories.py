"""What the tests of absence share."""

from __future__ import annotations

from tests.dealwright.story import Story, of_stage

NEWS = of_stage("""
- name: news
  on: note_added
  steps:
    - {email: one}
    - {after: 1bd, email: two}
""")


BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC"}


def away(story: Story, until: str, **more: object) -> None:
    story.tell("reply_received", sentiment="out_of_office", returns_on=until, **more)
