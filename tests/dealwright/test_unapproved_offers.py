"""An offer that nobody granted asks for attention and for approval."""

from __future__ import annotations

import pytest

from dealwright.effects import RequestApproval
from tests.dealwright.approval_stories import DESK, DISCOUNT, answer, asked, euros, granted, open_one
from tests.dealwright.story import Story, of_stage


def test_an_offer_that_nobody_granted_draws_attention_and_is_asked_for() -> None:
    story = Story(DISCOUNT, amount=euros(5000))

    story.tell("proposal_sent", discount="60")

    assert open_one(story).terms == {"discount": "60", "amount": "5000"}
    assert story.state.attention == {
        "approval:discount": "Proposal sent: discount 60, amount 5000 EUR. Nobody granted that (discount)."
    }


def test_an_offer_that_a_play_asks_about_is_asked_for_once() -> None:
    rules = of_stage(
        "[{name: ask, on: proposal_sent, do: [{approval: discount}]}]",
        before="approvals: [{name: discount, of: proposal.discount, levels: [{by: [boss]}]}]",
    )
    story = Story(rules)

    story.tell("proposal_sent", discount="60")

    assert len(story.all(RequestApproval)) == 1
    assert list(story.state.attention) == ["approval:discount"]


@pytest.mark.parametrize("percent", ["25", "20"])
def test_an_offer_within_what_was_granted_is_fine(percent: str) -> None:
    story = granted("25")

    story.tell("proposal_sent", discount=percent)

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_an_offer_within_everybodys_limits_is_fine() -> None:
    story = Story(DISCOUNT)

    story.tell("proposal_sent", discount="10")

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_an_offer_while_the_question_is_open_draws_attention_and_does_not_ask_twice() -> None:
    story = asked("25")

    story.tell("proposal_sent", discount="25")

    assert len(story.all(RequestApproval)) == 1
    assert list(story.state.attention) == ["approval:discount"]


def test_an_offer_of_what_was_refused_is_asked_for_again() -> None:
    story = asked("25")
    answer(story, "expert", "refuse")

    story.tell("proposal_sent", discount="25")

    assert open_one(story).waits_for == "expert"


def test_a_contract_that_somebody_changed_by_hand_is_an_offer_too() -> None:
    story = Story(DESK)

    story.tell("contract_sent", value=euros(90_000))

    assert open_one(story).chain == ("expert", "boss")
    assert story.state.attention["approval:size"].startswith("Contract sent: ")


def test_a_contract_that_is_out_as_it_was_made_says_nothing_of_its_amount() -> None:
    story = Story(DESK)

    story.tell("contract_sent", contract="paper-1")

    assert (story.state.approvals, story.state.attention) == ({}, {})


@pytest.mark.parametrize("fact", ["proposal_sent", "contract_signed"])
def test_an_amount_beyond_the_levels_counts_as_an_offer_too(fact: str) -> None:
    story = Story(DESK)
    money = {"amount": euros(90_000)} if fact == "proposal_sent" else {"value": euros(90_000)}
    term = {} if fact == "proposal_sent" else {"starts_on": "2026-03-02", "ends_on": "2027-03-01"}

    story.tell(fact, **money, **term)

    assert open_one(story).chain == ("expert", "boss")
    assert list(story.state.attention) == ["approval:size"]


def test_an_offer_during_a_pause_is_asked_for_when_the_deal_goes_on() -> None:
    story = Story(DISCOUNT)
    story.order("pause", why="holidays")
    story.tell("proposal_sent", discount="60")
    during = (list(story.state.attention), story.all(RequestApproval))

    story.order("resume")

    assert during == (["approval:discount"], [])
    assert open_one(story).waits_for == "expert"
