"""Wherever a run for one contact is told of, it is said for whom: the story, summaries, the page, timelines."""

from __future__ import annotations

from datetime import UTC

from dealwright.effects import CloseTask, CreateTask, Notify, SendEmail
from dealwright.views.details_markdown import page_of
from simulation.timeline.wording import line, shown
from tests.dealwright.committee_stories import BEN, CAT, story
from tests.dealwright.story import Story
from tests.simulation.timeline.test_patterns import happenings

PLAY = """
- name: sponsors
  on: entered
  for_each: {contact: {role: [economic_buyer, sponsor]}}
  until: [opted_out, meeting_booked]
  steps:
    - {email: exec-1}
    - {after: 1bd, task: call_exec, title: Call them, due: 1bd, wait: 3bd, escalate: boss}
    - {after: 1bd, notify: boss, text: Nobody answered}
"""


def told(deal: Story) -> str:
    return "\n".join(entry.sentence() for entry in deal.entries)


def test_every_line_of_the_story_about_a_run_says_for_whom() -> None:
    deal = story(PLAY).until("2026-03-20 10:00")

    said = told(deal)

    assert "Send exec-1 (sponsors for ben, step 1): done" in said
    assert "Planned sponsors for ben, step 2: task call exec for " in said
    assert "Task for rep: Call them (about ben), due " in said
    assert "Deadline missed: Call them (about ben) (rep), escalated to boss" in said
    assert "sponsors for ben goes on without this: Call them" in said


def test_a_run_that_stops_and_its_task_say_for_whom() -> None:
    deal = story(PLAY).until("2026-03-03 12:00")

    deal.tell("opted_out", contact="ben")

    assert "Play sponsors for ben stopped: " in told(deal)
    assert "Task cancelled: Call them (about ben)" in told(deal)


def test_what_is_done_outside_is_summed_up_with_the_contacts_key() -> None:
    deal = story(PLAY).until("2026-03-10 12:00")
    deal.tell("meeting_booked", starts_at="2026-03-20T10:00:00Z")

    assert {each.summary for each in deal.all(SendEmail)} == {
        "Send exec-1 (sponsors for ben, step 1)", "Send exec-1 (sponsors for cat, step 1)",
    }  # fmt: skip
    assert {each.summary for each in deal.all(CreateTask)} == {
        "Ask rep: Call them (about ben)", "Ask rep: Call them (about cat)",
    }  # fmt: skip
    assert "Take off rep's list: Call them (about ben)" in {each.summary for each in deal.all(CloseTask)}
    assert any("Nobody answered (about ben)" in each.text for each in deal.all(Notify))


def test_a_key_that_is_an_address_is_in_no_summary() -> None:
    deal = story(PLAY, contacts=({**BEN, "id": "ben@buyer.example"},)).until("2026-03-04 12:00")

    assert [each.summary for each in deal.all(SendEmail)] == ["Send exec-1 (sponsors for a contact, step 1)"]
    assert [each.summary for each in deal.all(CreateTask)] == ["Ask rep: Call them (about a contact)"]


def test_the_page_says_for_whom_people_are_asked_and_what_comes_next() -> None:
    deal = story(PLAY, contacts=(CAT,)).until("2026-03-03 12:00")

    page = page_of(deal.state)

    assert "rep: Call them (about cat), due " in page
    assert "Goes on without this: Call them (about cat)" in page


def test_a_timeline_says_for_whom_a_task_is_and_which_run_stopped() -> None:
    deal = story(PLAY).until("2026-03-03 12:00")
    deal.tell("opted_out", contact="ben")

    lines = [line(one, UTC) for one in shown(happenings(deal))]

    assert any(each.startswith("task call_exec for rep (about ben), due ") for each in lines)
    assert any(each.startswith("play sponsors for ben stopped: ") for each in lines)
