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


@pytest.mark.parametrize("named", [{}, {"demo": "c7"}])
def test_a_booking_that_another_system_tells_late_brings_back_no_demo_that_was_called_off(
    named: dict[str, str],
) -> None:
    story = told(["d1"], "demo", "demo_booked", starts_at=FRIDAY, at="2026-03-02T08:00:00Z")
    story.tell("demo_cancelled", demo="d1", at="2026-03-02T09:00:00Z")

    story.tell("demo_booked", starts_at=FRIDAY, at="2026-03-02T08:30:00Z", **named)

    assert story.until("2026-03-08 10:00").sent == []


@pytest.mark.parametrize("named", [{}, {"demo": "c7"}])
def test_a_booking_that_another_system_tells_after_it_was_held_is_of_that_one(named: dict[str, str]) -> None:
    story = told(["d1"], "demo", "demo_booked", starts_at=FRIDAY)
    story.until("2026-03-06 16:00").tell("demo_held", demo="d1")

    story.tell("demo_booked", starts_at=FRIDAY, at="2026-03-02T10:30:00Z", **named)

    assert [one.status for one in story.state.demos.values()] == ["held"]


@pytest.mark.parametrize("named", [{}, {"demo": "c7"}])
def test_of_two_demos_at_one_time_the_one_that_stands_is_called_off(named: dict[str, str]) -> None:
    story = told(["d1"], "demo", "demo_booked", starts_at=FRIDAY)
    story.until("2026-03-02 11:00").tell("demo_cancelled", demo="d1")
    story.until("2026-03-02 12:00").tell("demo_booked", demo="d2", starts_at=FRIDAY)

    story.until("2026-03-02 13:00").tell("demo_cancelled", starts_at=FRIDAY, **named)

    assert story.until("2026-03-08 10:00").sent == []


def test_a_demo_that_is_booked_anew_at_the_time_of_one_that_was_called_off_is_another_one() -> None:
    story = told(["d1"], "demo", "demo_booked", starts_at=FRIDAY)
    story.until("2026-03-02 11:00").tell("demo_cancelled", demo="d1")
    story.until("2026-03-02 12:00").tell("demo_booked", demo="d2", starts_at=FRIDAY)

    story.until("2026-03-02 13:00").tell("demo_cancelled", demo="d1")

    assert story.until("2026-03-08 10:00").sent == ["Thu 15:00 reminder"]


def test_a_booking_without_a_name_is_of_the_demo_at_that_time_and_moves_no_other_one() -> None:
    story = told(["d1"], "demo", "demo_booked", starts_at=FRIDAY)
    story.tell("demo_booked", demo="d2", starts_at="2026-03-12T15:00:00Z")

    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z")

    assert story.until("2026-03-13 10:00").sent == ["Thu 15:00 reminder", "Wed 15:00 reminder"]


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
