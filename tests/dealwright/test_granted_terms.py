"""What was granted holds, and no more than that."""

from __future__ import annotations

import pytest

from dealwright.effects import RequestApproval
from tests.dealwright.approval_stories import answer, asked, euros, granted, open_one
from tests.dealwright.story import Story, of_stage, playbook


@pytest.mark.parametrize("percent", ["20", "25", "25.00", "0"])
def test_what_is_no_worse_than_what_was_granted_is_granted_at_once(percent: str) -> None:
    story = granted("25")
    before = len(story.all(RequestApproval))

    story.tell("discount_requested", percent=percent)

    assert (story.state.approvals, len(story.all(RequestApproval))) == ({}, before)
    assert story.told == ["rep: Granted", "rep: Granted"]


def test_what_was_granted_still_holds_after_less_was_asked_for() -> None:
    story = granted("25")
    story.tell("discount_requested", percent="15")

    story.tell("discount_requested", percent="25")

    assert story.state.approvals == {}


def test_what_is_worse_than_what_was_granted_is_asked_for() -> None:
    story = granted("15")

    story.tell("discount_requested", percent="16")

    assert open_one(story).chain == ("boss",)


def test_a_request_that_was_refused_may_be_made_again() -> None:
    story = asked("25")
    answer(story, "expert", "refuse")

    story.tell("discount_requested", percent="25")

    assert open_one(story).waits_for == "expert"


def test_a_deal_that_goes_beyond_what_was_granted_is_asked_for_anew_and_draws_attention() -> None:
    story = granted("25")

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert open_one(story).terms == {"discount": "25", "amount": "90000"}
    assert story.state.attention == {
        "approval:discount": "discount is asked for anew: discount 25, amount 90000 EUR goes beyond what was granted."
    }


def test_attention_ends_with_the_grant() -> None:
    story = granted("25")
    story.tell("crm_properties_changed", amount=euros(90_000))

    answer(story, "expert")
    answer(story, "boss")

    assert (story.state.attention, story.state.approvals) == ({}, {})


def test_a_refusal_is_not_asked_about_again_by_itself() -> None:
    story = granted("25")
    story.tell("discount_requested", percent="40")
    answer(story, "expert", "refuse")

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert story.state.approvals == {}


WINNING = """
renews_on: contract_renewed
approvals: [{name: discount, of: proposal.discount, terms: {amount: deal.amount}, levels: [{by: [boss]}]}]
stages:
  - {name: selling, owner: rep, plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]}
  - {name: customer, owner: rep, enter_when: contract_signed, marks: won}
"""


def signed(amount: int) -> Story:
    story = Story(playbook(WINNING), amount=euros(5000))
    story.tell("discount_requested", percent="25")
    answer(story, "boss")
    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01", value=euros(amount))
    return story


def test_a_contract_that_is_signed_for_other_terms_than_were_granted_is_asked_about() -> None:
    story = signed(4000)

    assert (story.outcome, open_one(story).terms) == ("won", {"discount": "25", "amount": "4000"})
    assert list(story.state.attention) == ["approval:discount"]


def test_nobody_is_asked_about_what_was_sold_long_ago() -> None:
    story = signed(5000)

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_a_grant_by_other_rules_is_not_taken_for_too_little() -> None:
    story = granted("25")
    other = of_stage(
        "[{name: ask, on: discount_requested, do: [{approval: discount}]}]",
        before="approvals: [{name: discount, of: proposal.discount, terms: {of: deal.title}, levels: [{by: [boss]}]}]",
    )
    story.offers["next"] = ("another bundle", other)

    story.order("adopt_playbook", playbook="next", why="new rules")

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_a_time_may_be_repeated_in_another_zone() -> None:
    rules = of_stage("[{name: ask, on: discount_requested, do: [{approval: discount}]}]", before="""
approvals: [{name: discount, of: proposal.discount, terms: {demo: demo.starts_at}, levels: [{by: [boss]}]}]
""")  # fmt: skip
    story = Story(rules, demo={"starts_at": "2026-03-10T10:00:00Z"})
    story.tell("discount_requested", percent="25")
    terms = {"discount": "25", "demo": "2026-03-10T11:00:00+01:00"}

    assert story.order("decide_approval", by="boss", approval="discount", answer="approve", terms=terms).accepted


def test_terms_that_need_nobody_are_left_alone_however_they_change() -> None:
    story = granted("5")

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert story.told == ["rep: Granted"]


def test_a_grant_ends_with_the_contract_term() -> None:
    rules = playbook("""
renews_on: contract_renewed
approvals: [{name: discount, of: proposal.discount, levels: [{by: [boss]}]}]
stages:
  - {name: selling, owner: rep, plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]}
""")
    story = Story(rules)
    story.tell("discount_requested", percent="25")
    answer(story, "boss")
    story.tell("contract_renewed", starts_on="2026-04-01", ends_on="2027-03-31")

    story.tell("discount_requested", percent="25")

    assert open_one(story).waits_for == "boss"


def test_an_offer_that_says_no_discount_keeps_the_one_that_was_granted() -> None:
    story = granted("25")

    story.tell("proposal_sent", link="https://seller.example/p1")
    story.tell("discount_requested", percent="25")

    assert (story.state.approvals, story.state.attention) == ({}, {})
    assert story.state.deal
    assert story.state.deal.proposal
    assert str(story.state.deal.proposal.discount) == "25"
