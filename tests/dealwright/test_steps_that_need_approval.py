"""A step waits until the approval that it needs is granted, and is left out when it is refused."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.effects import RequestApproval, SendEmail
from tests.dealwright.approval_stories import answer, euros, open_one
from tests.dealwright.story import Story, of_stage

APPROVALS = """
approvals:
  - {name: discount, of: proposal.discount, levels: [{up_to: 10}, {by: [boss]}]}
"""
QUOTE = of_stage(
    """
- name: quote
  on: discount_requested
  steps:
    - {email: quote, marketing: false, needs: discount}
    - {after: 1h, task: ring}
- {name: left-out, on: {step_skipped: quote}, do: [{notify: rep, text: Left out}]}
""",
    before=APPROVALS,
)


def told(percent: str) -> Story:
    story = Story(QUOTE, amount=euros(5000))
    story.tell("discount_requested", percent=percent)
    return story


def test_a_step_whose_approval_needs_nobody_goes_on_at_once() -> None:
    story = told("10")

    assert (story.sent, story.all(RequestApproval)) == (["Mon 10:00 quote"], [])


def test_a_step_asks_for_the_approval_that_it_needs_and_waits() -> None:
    story = told("20").until("2026-03-02 12:00")

    assert (story.sent, open_one(story).waits_for, story.state.tasks) == ([], "boss", {})


def test_the_step_comes_once_the_approval_is_granted_and_the_rest_after_it() -> None:
    story = told("20").until("2026-03-02 12:00")

    answer(story, "boss")
    sent = list(story.sent)
    story.until("2026-03-02 13:30")

    assert (sent, [task.name for task in story.state.tasks.values()]) == (["Mon 12:00 quote"], ["ring"])


def test_a_message_that_is_granted_at_night_goes_out_in_the_contacts_hours() -> None:
    story = told("20").until("2026-03-02 22:00")

    answer(story, "boss")
    at_night = list(story.sent)
    story.until("2026-03-03 09:00")

    assert (at_night, story.sent) == ([], ["Tue 09:00 quote"])


def test_the_step_is_left_out_when_the_approval_is_refused_and_the_deal_asks_for_attention() -> None:
    story = told("20")

    answer(story, "boss", "refuse")

    assert (story.sent, story.told) == ([], ["rep: Left out"])
    assert story.state.attention == {"approval:discount": "e-mail quote is left out: discount was refused."}


def test_terms_that_get_worse_before_the_step_comes_hold_it_again() -> None:
    story = told("20").until("2026-03-02 22:00")
    answer(story, "boss")

    story.tell("proposal_sent", discount="40")
    story.until("2026-03-03 12:00")

    assert (story.sent, open_one(story).terms) == ([], {"discount": "40"})


def test_a_message_on_its_way_waits_when_the_terms_go_beyond_what_was_granted() -> None:
    story = Story(QUOTE, amount=euros(5000))
    story.keep("quote")
    story.tell("discount_requested", percent="10")
    (message,) = story.all(SendEmail)
    story.come_back(message, "not_done", reason="the mail server is away")

    story.tell("proposal_sent", discount="40")
    story.until("2026-03-02 16:00")
    waiting = list(story.sent)
    answer(story, "boss")
    story.until("2026-03-04 12:00")

    assert (waiting, story.sent) == (["Mon 10:00 quote"], ["Mon 10:00 quote", "Tue 10:15 quote"])


def test_an_approval_that_a_play_asked_for_already_is_not_asked_for_twice() -> None:
    story = Story(of_stage("""
- {name: ask, on: discount_requested, do: [{approval: discount}, {task: prepare, needs: discount}]}
""", before=APPROVALS))  # fmt: skip
    story.tell("discount_requested", percent="20")

    asked = len(story.noted(e.ApprovalRequested))
    answer(story, "boss")

    assert (asked, [task.name for task in story.state.tasks.values()]) == (1, ["prepare"])


def test_a_step_that_waits_is_dropped_with_its_play() -> None:
    story = told("20")

    story.order("skip_play", play="quote", why="not needed")

    assert (story.state.approvals, story.sent) == ({}, [])
