"""What is granted for a time expires, and is asked for anew."""

from __future__ import annotations

from datetime import UTC, datetime

from dealwright import entries as e
from tests.dealwright.approval_stories import answer, open_one
from tests.dealwright.story import Story, of_stage, playbook

TEXT = """
- {name: ask, on: discount_requested, do: [{approval: discount}]}
- {name: over, on: {approval_expired: discount}, do: [{notify: rep, text: Expired}]}
"""
APPROVALS = """
renews_on: contract_renewed
approvals: [{name: discount, of: proposal.discount, levels: [{up_to: 5}, {by: [boss]}], valid_for: 30d}]
"""


def granted(percent: str = "20") -> Story:
    story = Story(of_stage(TEXT, before=APPROVALS))
    story.tell("discount_requested", percent=percent)
    answer(story, "boss")
    return story


def test_a_grant_says_until_when_it_holds() -> None:
    assert granted().last(e.ApprovalAnswered).valid_until == datetime(2026, 4, 1, 10, 0, tzinfo=UTC)


def test_what_expires_is_asked_for_anew_and_the_deal_asks_for_attention() -> None:
    story = granted().until("2026-04-01 09:59")
    before = dict(story.state.approvals)

    story.until("2026-04-01 10:00")

    assert (before, open_one(story).waits_for, story.told[0]) == ({}, "boss", "rep: Expired")
    assert story.state.attention["approval:discount"] == (
        "discount is asked for anew: discount 20 was granted for a time that is over."
    )


def test_what_was_granted_anew_holds_for_its_own_time() -> None:
    story = granted().until("2026-04-02 10:00")
    answer(story, "boss")

    story.until("2026-05-02 09:00")

    assert (story.state.approvals, "approval:discount" in story.state.attention) == ({}, False)


def test_what_is_within_a_grant_holds_no_longer_than_that() -> None:
    story = granted().until("2026-03-20 10:00")
    story.tell("discount_requested", percent="15")

    story.until("2026-04-01 10:00")

    assert open_one(story).terms == {"discount": "15"}


def test_terms_that_need_nobody_are_not_asked_for_when_a_grant_expires() -> None:
    story = granted()
    story.tell("proposal_sent", discount="5")

    story.until("2026-04-02 10:00")

    assert story.state.approvals == {}


def test_what_was_sold_is_not_asked_for_when_the_grant_expires() -> None:
    story = Story(
        playbook(f"""{APPROVALS}
stages:
  - {{name: selling, owner: rep, plays: [{{name: ask, on: discount_requested, do: [{{approval: discount}}]}}]}}
  - {{name: customer, owner: rep, enter_when: contract_signed, marks: won}}
""")
    )
    story.tell("discount_requested", percent="20")
    answer(story, "boss")
    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01")

    story.until("2026-05-02 10:00")

    assert (story.outcome, story.state.approvals) == ("won", {})


def test_a_step_that_comes_after_the_grant_has_expired_waits_for_the_next_one() -> None:
    quote = "- {name: quote, on: demo_held, do: [{email: quote, needs: discount}]}\n"
    story = Story(of_stage(TEXT + quote, before=APPROVALS))
    story.tell("discount_requested", percent="20")
    answer(story, "boss")
    story.until("2026-04-02 10:00")

    story.tell("demo_held")
    waiting = list(story.sent)
    answer(story, "boss")

    assert (waiting, story.sent) == ([], ["Thu 10:00 quote"])
