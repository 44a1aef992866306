"""What a deal is worth by its proposals: what the one costs that it is about, unless somebody has said it since."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from dealwright.effects import UpdateCrm
from tests.dealwright.playbook.shipped_stories import opportunity
from tests.dealwright.story import Story, of_stage

NOTHING = of_stage("- {name: hello, on: opted_out, do: [{notify: rep, text: Hello}]}")
SENT = (("proposal_sent", "P1", "2026-03-03", "10000"), ("proposal_sent", "P2", "2026-03-04", "20000"))


def euros(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def worth(story: Story) -> str:
    return str(story.state.deal and story.state.deal.amount)


def tell(story: Story, fact: str, proposal: str, day: str, amount: str | None = None) -> None:
    costs = {} if amount is None else {"amount": euros(amount)}
    story.tell(fact, proposal=proposal, at=f"{day}T10:00:00Z", **costs)


def offered() -> Story:
    """A deal with two proposals; the second one costs twice as much."""
    story = Story(NOTHING, at="2026-03-10 10:00")
    for told in SENT:
        tell(story, *told)
    return story


def test_the_proposal_that_was_sent_last_says_what_the_deal_is_worth() -> None:
    assert worth(offered()) == "20,000.00 EUR"


def test_an_offer_of_before_the_signature_is_not_what_a_customer_is_worth() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    tell(story, "proposal_sent", "P1", "2026-03-03", "10000")
    days = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    story.tell("contract_signed", at="2026-03-04T10:00:00Z", value=euros("8000"), **days)
    tell(story, "proposal_sent", "P2", "2026-03-05", "9000")

    tell(story, "proposal_expired", "P2", "2026-03-06")

    assert worth(story) == "9,000.00 EUR"


def test_an_offer_of_before_a_contract_that_nobody_signed_is_what_the_deal_is_worth_again() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    tell(story, "proposal_sent", "P1", "2026-03-03", "10000")
    story.tell("contract_sent", at="2026-03-04T10:00:00Z")
    tell(story, "proposal_sent", "P2", "2026-03-05", "9000")

    tell(story, "proposal_declined", "P2", "2026-03-06")

    assert worth(story) == "10,000.00 EUR"


def test_an_offer_that_was_accepted_before_the_signature_is_not_what_a_customer_is_worth() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    tell(story, "proposal_sent", "P1", "2026-03-03", "10000")
    tell(story, "proposal_accepted", "P1", "2026-03-03")
    days = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    story.tell("contract_signed", at="2026-03-04T10:00:00Z", value=euros("8000"), **days)
    tell(story, "proposal_sent", "P2", "2026-03-05", "9000")

    tell(story, "proposal_declined", "P2", "2026-03-06")

    assert worth(story) == "9,000.00 EUR"


def test_of_two_that_are_sent_at_one_moment_it_is_the_one_told_last() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    for proposal, amount in (("P1", "20000"), ("P2", "10000")):
        tell(story, "proposal_sent", proposal, "2026-03-03", amount)

    assert (story.state.focus["proposal"], worth(story)) == ("P2", "10,000.00 EUR")


def test_whoever_accepts_the_first_of_two_proposals_pays_what_that_one_costs() -> None:
    story = offered()

    tell(story, "proposal_accepted", "P1", "2026-03-05")

    assert worth(story) == "10,000.00 EUR"
    assert [str(update.amount) for update in story.all(UpdateCrm)][-1] == "10,000.00 EUR"


@pytest.mark.parametrize("fact", ["proposal_withdrawn", "proposal_declined", "proposal_expired"])
def test_when_the_second_proposal_is_off_the_table_the_first_one_counts_again(fact: str) -> None:
    story = offered()

    tell(story, fact, "P2", "2026-03-05")

    assert worth(story) == "10,000.00 EUR"


def test_so_it_is_when_the_second_proposal_was_never_sent() -> None:
    story = offered()

    story.tell("fact_retracted", retracts="proposal_sent", about="P2")

    assert worth(story) == "10,000.00 EUR"


def test_an_amount_that_somebody_has_said_since_stays() -> None:
    story = offered()
    story.order("amend", known={"amount": euros("12000")}, why="with the training")

    tell(story, "proposal_accepted", "P1", "2026-03-05")

    assert worth(story) == "12,000.00 EUR"


def test_an_amount_that_was_told_twice_is_that_of_its_proposal_still() -> None:
    story = offered()
    tell(story, "proposal_sent", "P2", "2026-03-04", "20000")

    story.tell("proposal_sent", proposal="P2", amount=euros("20000"), at="2026-03-04T10:05:00Z")
    tell(story, "proposal_accepted", "P1", "2026-03-05")

    assert worth(story) == "10,000.00 EUR"


@pytest.mark.parametrize("last", ["proposal_accepted P1", "proposal_withdrawn P2", "proposal_accepted P2"])
def test_the_order_of_arrival_changes_nothing_of_what_a_deal_is_worth(last: str) -> None:
    fact, proposal = last.split()
    told = [*SENT, (fact, proposal, "2026-03-05")]
    found = set[str]()
    for arrived in itertools.permutations(told):
        story = Story(NOTHING, at="2026-03-10 10:00")
        for one in arrived:
            tell(story, *one)
        found.add(worth(story))

    assert found == {"20,000.00 EUR" if last == "proposal_accepted P2" else "10,000.00 EUR"}


def test_an_approval_is_asked_for_the_discount_and_the_amount_of_one_proposal() -> None:
    story = opportunity().until("2026-03-03 15:23")
    story.tell("proposal_sent", proposal="P1", amount=euros("10000"), discount="25")
    story.wait(minutes=5).tell("proposal_sent", proposal="P2", amount=euros("20000"), discount="0")

    story.wait(minutes=5).tell("proposal_accepted", proposal="P1")

    (approval,) = story.state.approvals.values()
    assert {name: Decimal(value) for name, value in approval.terms.items()} == {"discount": 25, "amount": 10000}


def test_an_amount_that_was_taken_out_is_not_put_back_beside_an_offer_of_which_nobody_knows_the_cost() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    tell(story, "proposal_sent", "P1", "2026-03-04", "10000")
    story.tell("crm_properties_changed", amount=None, at=story.state.taught["amount"].isoformat())

    story.tell("discount_requested", percent="5", proposal="P2")

    assert story.state.deal is not None
    assert story.state.deal.amount is None


RETOLD = (
    ("proposal_sent", "P2", "2026-03-03", "20000"),
    ("proposal_sent", "P2", "2026-03-04", "25000"),
    ("proposal_sent", "P1", "2026-03-05", "10000"),
    ("proposal_sent", "P2", "2026-03-06"),
)
"""P2 goes out three times, the last time as it is: for 25,000."""


def test_what_a_proposal_costed_that_the_deal_is_about_changes_what_the_deal_is_worth_however_late_it_is_told() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    for told in (RETOLD[0], *RETOLD[2:], RETOLD[1]):
        tell(story, *told)

    assert worth(story) == "25,000.00 EUR"
    assert [str(update.amount) for update in story.all(UpdateCrm)][-1] == "25,000.00 EUR"


def test_a_version_without_an_amount_costs_what_the_one_before_it_cost_in_whatever_order_they_are_told() -> None:
    found = dict[str, tuple[str, ...]]()
    for arrived in itertools.permutations(RETOLD):
        story = Story(NOTHING, at="2026-03-10 10:00")
        for told in arrived:
            tell(story, *told)
        found[worth(story)] = tuple(f"{proposal} {day}" for _, proposal, day, *_ in arrived)

    assert list(found) == ["25,000.00 EUR"], found


def test_beside_an_accepted_offer_of_unknown_cost_a_deal_is_worth_what_was_offered_last() -> None:
    sent = [("proposal_sent", "P1", "2026-03-03", "10000"), ("proposal_sent", "P2", "2026-03-04", "20000")]
    told = [*sent, ("proposal_sent", "P1", "2026-03-05"), ("proposal_accepted", "P3", "2026-03-06")]
    found = dict[str, tuple[str, ...]]()
    for arrived in itertools.permutations(told):
        story = Story(NOTHING, at="2026-03-10 10:00")
        for one in arrived:
            tell(story, *one)
        found[worth(story)] = tuple(f"{proposal} {day}" for _, proposal, day, *_ in arrived)

    assert list(found) == ["20,000.00 EUR"], found


def test_whoever_corrects_what_a_proposal_costs_corrects_what_the_deal_is_worth() -> None:
    story = offered()

    story.order("amend", known={"proposal": {"amount": euros("19000")}}, why="a mistake in the price list")

    assert worth(story) == "19,000.00 EUR"


def test_after_such_a_correction_the_deal_is_worth_what_the_one_costs_that_it_is_about_still() -> None:
    story = offered()
    story.order("amend", known={"proposal": {"amount": euros("19000")}}, why="a mistake in the price list")

    tell(story, "proposal_accepted", "P1", "2026-03-11")

    assert worth(story) == "10,000.00 EUR"


def test_whoever_corrects_what_a_proposal_costs_leaves_an_amount_that_somebody_has_said_since() -> None:
    story = offered()
    story.order("amend", known={"amount": euros("12000")}, why="with the training")

    story.wait(minutes=5).order("amend", known={"proposal": {"amount": euros("19000")}}, why="a mistake")

    assert worth(story) == "12,000.00 EUR"


def test_whoever_says_that_the_deal_is_about_another_proposal_says_what_it_is_worth() -> None:
    story = offered()

    story.order("amend", known={"proposal": {"id": "P1"}}, why="they want the small one after all")

    assert worth(story) == "10,000.00 EUR"
