"""Several systems tell of one demo or meeting, each by an id of its own: whichever names it, it is that one."""

from __future__ import annotations

import pytest

from tests.dealwright.story import Story, of_stage

FRIDAY = "2026-03-06T15:00:00Z"
PLAYS = of_stage("""
- name: remind
  on: {before: demo.starts_at, by: 24h}
  until: demo_cancelled
  do: [{email: reminder, marketing: false}]
- {name: recap, on: [demo_held, meeting_held], do: [{task: write_up}]}
""")
NAMES = pytest.mark.parametrize("names", [["d1", "c7"], [None, "d1", "c7"], ["d1", "c7", "d1"], ["d1", "c7", "x3"]])


def told(names: list[str | None], thing: str, begins: str, **said: object) -> Story:
    """A deal that is told of one thing by several systems."""
    story = Story(PLAYS)
    for name in names:
        story.tell(begins, **({} if name is None else {thing: name}), **said)
    return story


@NAMES
@pytest.mark.parametrize("by", ["d1", "c7"])
def test_a_demo_is_called_off_by_whichever_of_its_ids(names: list[str | None], by: str) -> None:
    story = told(names, "demo", "demo_booked", starts_at=FRIDAY)

    story.tell("demo_cancelled", demo=by)

    assert len(story.state.demos) == 1
    assert story.until("2026-03-08 10:00").sent == []


@NAMES
def test_a_meeting_that_each_of_them_tells_as_held_was_held_once(names: list[str | None]) -> None:
    story = told(names, "meeting", "meeting_booked", starts_at=FRIDAY)

    story.tell("meeting_held", meeting="d1")
    story.tell("meeting_held", meeting="c7")

    assert story.asked == ["write up"]


@NAMES
@pytest.mark.parametrize("about", ["d1", "c7"])
def test_what_was_told_of_it_is_taken_back_by_whichever_of_its_ids(names: list[str | None], about: str) -> None:
    story = told(names, "demo", "demo_booked", starts_at=FRIDAY)
    story.tell("demo_cancelled", demo="d1")
    story.tell("demo_cancelled", demo="another")

    story.tell("fact_retracted", retracts="demo_cancelled", about=about)

    assert story.until("2026-03-06 14:00").sent == ["Thu 15:00 reminder"]


def test_what_was_told_last_of_a_demo_without_a_name_is_taken_back_though_another_one_was_booked_since() -> None:
    story = told([None], "demo", "demo_booked", starts_at=FRIDAY)
    story.tell("demo_cancelled")
    story.tell("demo_booked", demo="d2", starts_at="2026-03-12T15:00:00Z")

    story.tell("fact_retracted", retracts="demo_cancelled")

    assert story.until("2026-03-06 14:00").sent == ["Thu 15:00 reminder"]
