"""Proposals, customers and renewals in the shipped playbook."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.playbook.language.model import Playbook
from tests.dealwright.playbook.shipped_stories import (
    PRODUCT_LED,
    RULES,
    TERM,
    customer,
    mails,
    with_demo,
    with_proposal,
)
from tests.dealwright.story import Story

# --- proposals ------------------------------------------------------------------------------------------------------


def test_a_proposal_that_is_not_opened_is_asked_about_on_the_next_working_morning() -> None:
    assert with_proposal().wait(days=5).sent[1:] == ["Wed 09:00 proposal-nudge"]


@pytest.mark.parametrize(
    ("fact", "more"),
    [
        ("proposal_opened", {"proposal_id": "P1"}),
        ("proposal_accepted", {"proposal_id": "P1"}),
        ("proposal_declined", {"proposal_id": "P1"}),
        ("reply_received", {"sentiment": "other", "contact": "ana"}),
        ("reply_received", {"sentiment": "interested", "contact": "ana"}),
        ("call_logged", {"result": "connected"}),
        ("discount_requested", {"percent": 5}),
        ("contract_signed", TERM),
        ("deal_lost", {}),
    ],
)
def test_nobody_is_asked_whether_a_proposal_came_that_they_talk_about(fact: str, more: dict[str, object]) -> None:
    story = with_proposal().wait(minutes=30)

    story.tell(fact, **more)

    assert "proposal-nudge" not in mails(story.wait(days=10))


def test_a_proposal_that_another_one_replaced_is_not_asked_about() -> None:
    story = with_proposal().until("2026-03-03 18:00")

    story.tell("proposal_sent", proposal_id="P2")

    assert story.wait(days=5).sent[1:] == ["Thu 09:00 proposal-nudge"]


def test_any_large_discount_is_asked_of_the_manager_and_then_of_finance() -> None:
    story = with_proposal()

    story.tell("discount_requested", percent=60)

    (approval,) = story.state.approvals.values()
    assert approval.chain == ("sales_manager", "finance")


# --- customers ------------------------------------------------------------------------------------------------------


def test_a_customer_is_welcomed_once_and_asked_about_the_next_term_once() -> None:
    assert mails(customer().until("2027-02-20 10:00")) == ["welcome", "renewal-talk"]


def test_a_customer_whom_nobody_takes_over_is_onboarded_and_asked_to_renew_all_the_same() -> None:
    story = with_proposal()
    story.tell("contract_signed", **TERM)

    story.until("2027-02-20 10:00")

    assert story.stage == "customer"
    assert mails(story) == ["welcome", "renewal-talk"]
    assert "prepare_renewal" in story.tasks


def test_a_renewal_does_not_hang_on_any_stage() -> None:
    story = customer()
    story.order("move_to_stage", stage="proposal", why="They want to buy more")

    story.until("2027-02-20 10:00")

    assert "renewal-talk" in mails(story)
    assert story.until("2027-03-17 10:00").outcome == "churned"


@pytest.mark.parametrize("when", ["2026-06-01 10:00", "2026-12-10 10:00"])
def test_nobody_who_left_is_asked_to_renew_or_welcomed(when: str) -> None:
    story = customer().until(when)

    story.tell("contract_cancelled")

    assert mails(story.until("2027-02-28 10:00")) == ["welcome"]
    assert story.until("2027-03-05 10:00").outcome == "churned"


def test_a_cancellation_that_is_taken_back_lets_the_term_lapse_or_renew_as_any_other() -> None:
    story = customer().until("2026-06-01 10:00")
    story.tell("contract_cancelled")
    story.wait(days=3).tell("fact_retracted", retracts="contract_cancelled")

    assert "renewal-talk" in mails(story.until("2027-02-20 10:00"))
    assert story.until("2027-03-20 10:00").outcome == "churned"


def renewed_in_vain(until: str, rules: Playbook = RULES) -> Story:
    """A customer whose term ended on 1 March, and whose renewal is taken back then."""
    story = customer() if rules is RULES else Story(rules, source="invited")
    if rules is not RULES:
        story.tell("contract_signed", **TERM)
    story.until("2027-02-26 10:00").tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")
    story.until(until).tell("fact_retracted", retracts="contract_renewed")
    return story


def test_a_renewal_that_is_taken_back_days_after_the_term_is_asked_about_for_what_is_left_of_two_weeks() -> None:
    story = renewed_in_vain("2027-03-05 10:00")
    mailed = mails(story)

    assert "renewed_or_gone" in story.tasks
    assert story.until("2027-03-15 10:00").outcome == "won"
    assert story.until("2027-03-17 10:00").outcome == "churned"
    assert mails(story) == mailed  # nothing is written to the buyer meanwhile


@pytest.mark.parametrize("rules", [RULES, PRODUCT_LED], ids=["b2b-saas", "product-led"])
def test_a_renewal_that_is_taken_back_after_those_two_weeks_closes_nothing(rules: Playbook) -> None:
    story = renewed_in_vain("2027-03-20 10:00", rules)

    assert story.until("2027-04-20 10:00").outcome == "won"
    assert "retracted:contract_renewed" in story.state.attention


def test_a_product_s_customer_has_what_is_left_of_two_weeks_as_well() -> None:
    story = renewed_in_vain("2027-03-05 10:00", PRODUCT_LED)
    mailed = mails(story)

    assert story.until("2027-03-15 10:00").outcome == "won"
    assert story.until("2027-03-17 10:00").outcome == "churned"
    assert mails(story) == mailed


def test_a_cancellation_of_the_first_term_does_not_keep_the_second_one_from_ending() -> None:
    story = customer().until("2026-12-01 10:00")
    story.tell("contract_cancelled")
    story.wait(days=5).tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")

    assert story.until("2027-03-10 10:00").outcome == "won"
    assert mails(story.until("2028-02-20 10:00")).count("renewal-talk") == 1
    assert story.until("2028-03-20 10:00").outcome == "churned"


def test_an_early_renewal_is_not_followed_by_a_talk_about_the_old_term() -> None:
    story = customer().until("2026-10-01 10:00")

    story.tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")

    assert mails(story.until("2027-10-01 10:00")) == ["welcome"]
    assert story.outcome == "won"


def test_a_contract_of_three_years_has_its_reviews_and_no_false_alarm() -> None:
    story = customer(ends_on="2029-03-01")

    story.until("2028-11-01 10:00")

    done = [entry.name for entry in story.noted(e.TaskOpened)]
    assert {"review_second_year", "review_third_year"} <= set(done)
    assert not [line for line in story.told if "has been in customer" in line]


def test_a_contract_of_one_year_has_no_review_of_a_second_one() -> None:
    story = customer().until("2027-01-15 10:00")
    story.tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")

    assert "review_second_year" not in {entry.name for entry in story.until("2028-01-01 10:00").noted(e.TaskOpened)}


def test_nothing_leaves_after_the_deal_is_over() -> None:
    story = with_demo()

    story.tell("deal_lost", reason="Bought elsewhere")

    assert mails(story.wait(days=60)) == []


def test_a_deal_that_knows_of_another_contract_is_not_closed_when_that_one_ends() -> None:
    story = Story(RULES, source="expansion", contract={"starts_on": "2025-06-01", "ends_on": "2026-05-31"})
    story.tell("lead_qualified", level="sql")

    story.until("2026-06-10 10:00")

    assert (story.outcome, mails(story)) == (None, [])


def test_a_customer_who_is_imported_with_a_contract_is_asked_to_renew() -> None:
    story = Story(RULES, source="inbound", contract=TERM)
    story.order("move_to_stage", stage="customer", why="A customer already")

    assert "renewal-talk" in mails(story.until("2027-02-20 10:00"))
    assert story.until("2027-03-20 10:00").outcome == "churned"


def test_nobody_who_left_is_asked_to_renew_though_their_last_day_is_moved() -> None:
    story = customer()
    story.wait(days=30).tell("contract_cancelled")

    story.wait(days=10).tell("contract_amended", ends_on="2027-03-31")
    story.until("2027-04-10 10:00")

    assert "renewal-talk" not in mails(story)
    assert story.outcome == "churned"


def test_a_payment_that_failed_is_seen_to_until_the_invoice_is_paid() -> None:
    story = customer()
    story.tell("payment_failed", invoice="i1")
    story.tell("payment_failed", invoice="i1")
    assert story.asked.count("get it paid") == 1
    story.tell("invoice_paid", invoice="i1")
    assert "get_it_paid" not in story.tasks


def test_somebody_decides_what_follows_a_contract_that_was_withdrawn() -> None:
    story = with_proposal()
    story.tell("contract_withdrawn", how="declined", reason="legal")
    assert "another_contract_or_lost" in story.tasks
    story.tell("contract_signed", **TERM)
    assert "another_contract_or_lost" not in story.tasks


def test_nobody_is_given_up_for_a_renewal_that_is_signed_some_days_late() -> None:
    story = customer().until("2027-03-08 10:00")
    assert (story.outcome, "renewed_or_gone" in story.tasks) == ("won", True)

    story.tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")

    assert "renewed_or_gone" not in story.tasks
    assert story.until("2027-06-01 10:00").outcome == "won"


@pytest.mark.parametrize("rules", [RULES, PRODUCT_LED])
@pytest.mark.parametrize(("starts_on", "welcomed"), [("2025-09-01", False), ("2026-02-16", True)])
def test_a_customer_who_is_imported_in_mid_term_is_not_welcomed(
    rules: Playbook, starts_on: str, *, welcomed: bool
) -> None:
    story = Story(rules, contract={"starts_on": starts_on, "ends_on": "2026-08-31"})

    story.order("move_to_stage", stage="customer", why="a customer already")

    assert ("welcome" in mails(story.wait(days=3))) is welcomed
