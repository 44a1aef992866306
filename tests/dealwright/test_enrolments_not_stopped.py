"""A contact whom a tool did not take out of its cadence: nobody believes that they are out."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import StopEnrolment
from tests.dealwright.enrolment_stories import ended
from tests.dealwright.story import Story, of_stage

WITH_NEWS = of_stage("""
- name: prospecting
  on: {lead_qualified: sql}
  until: [reply_received]
  steps:
    - enrol: outreach/42
- name: news
  on: note_added
  steps: [{email: one}]
""")


def not_stopped(status: str = "failed") -> tuple[Story, StopEnrolment]:
    """A deal that wants a contact out of a cadence, and the tool has not taken them out."""
    story = Story(WITH_NEWS)
    story.keep("stop_enrolment")
    story.tell("lead_qualified", level="sql", id="q-1")
    story.tell("reply_received", sentiment="interested", id="r-1")
    (stop,) = story.all(StopEnrolment)
    story.come_back(stop, status, reason="403: may not change sequences")
    return story, stop


@pytest.mark.parametrize("status", ["failed", "uncertain", "not_done"])
def test_our_marketing_waits_for_a_cadence_that_was_not_stopped(status: str) -> None:
    story, _ = not_stopped(status)

    story.tell("note_added", text="news", id="n-1")
    story.until("2026-03-05 12:00")

    assert story.sent == []
    assert story.last(e.EnrolmentKept).why == "403: may not change sequences"


def test_nobody_is_taken_out_again_and_again_where_the_tool_refuses() -> None:
    story, _ = not_stopped()

    story.tell("opted_out", contact="ana", id="o-1")
    story.until("2026-03-20 12:00")

    assert len(story.all(StopEnrolment)) == 1


def test_who_takes_them_out_by_hand_completes_the_task_and_our_marketing_goes_on() -> None:
    story, stop = not_stopped()
    story.tell("note_added", text="news", id="n-1")
    assert "Take them out there" in (story.task("mend_refused").detail or "")

    story.order("complete_task", task="mend_refused", result="done in Outreach")
    story.until("2026-03-05 12:00")

    assert len(story.sent) == 1
    assert story.last(e.EnrolmentOver).why == "boss took them out"
    assert f"effect:{stop.id}" not in story.state.attention


@pytest.mark.parametrize("how", ["finished", "replied", "stopped"])
@pytest.mark.parametrize("status", ["failed", "uncertain"])
def test_the_tool_may_tell_that_it_is_over(status: str, how: str) -> None:
    story, stop = not_stopped(status)
    story.tell("note_added", text="news", id="n-1")

    ended(story, how)
    story.until("2026-03-05 12:00")

    assert len(story.sent) == 1
    assert (story.last(e.EnrolmentOver).how, story.tasks) == (how, {})
    assert (stop.id in story.state.pending, f"effect:{stop.id}" in story.state.attention) == (False, False)


def test_a_cadence_that_failed_there_may_go_on_all_the_same() -> None:
    story, _ = not_stopped()

    ended(story, "failed")

    assert story.state.enrolments
    assert len(story.all(StopEnrolment)) == 1


def test_a_stop_that_comes_late_ends_the_wait() -> None:
    story, stop = not_stopped("not_done")
    story.tell("note_added", text="news", id="n-1")
    story.wait(minutes=15)
    again = story.all(StopEnrolment)[-1]
    assert (again.id, again.needs_decision) == (stop.id, True)

    story.come_back(again, "done")
    story.until("2026-03-05 12:00")

    assert len(story.sent) == 1


@pytest.mark.parametrize("sent", [True, False])
def test_somebody_says_whether_an_uncertain_stop_took_them_out(sent: bool) -> None:
    story, stop = not_stopped("uncertain")
    story.tell("note_added", text="news", id="n-1")

    story.order("resolve_touch", effect=stop.id, sent=sent, why="looked it up in Outreach")

    assert (story.state.enrolments == {}) is sent
    assert ("mend_refused" in story.tasks) is not sent
    story.until("2026-03-05 12:00")
    assert len(story.sent) == int(sent)
