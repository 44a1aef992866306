"""Billing: each signed contract term becomes a subscription, and what is not certain is asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dealwright.deal import Money
from dealwright.effects import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.entries import SubscriptionDecided
from tests.dealwright.approval_stories import answer
from tests.dealwright.story import Story, playbook

PLAYS = """
renews_on: contract_renewed
plays:
  - {name: bill, on: contract_signed, do: [{subscribe: growth}]}
  - name: gone
    on: contract_cancelled
    until: contract_renewed
    steps: [{at: {after: contract.ends_on, by: 1d}, close: churned, reason: Cancelled}]
stages:
  - {name: selling, owner: rep, leave_when: contract_signed}
  - {name: customer, owner: rep}
"""
YEAR = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
SIGNED = {**YEAR, "term": 1, "value": {"amount": 12000, "currency": "EUR"}}
ACCOUNT = {"id": "a-1", "name": "Acme", "domain": "acme.example"}


def sold(**signed: object) -> Story:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.tell("contract_signed", **{**SIGNED, **signed})
    return story


def question(story: Story) -> str:
    return story.state.attention.get("billing", "")


def test_a_signed_contract_is_billed_as_it_was_signed() -> None:
    story = sold()
    (started,) = story.all(StartSubscription)
    assert started.terms.amount == Money(amount=Decimal(12000), currency="EUR")
    assert (started.terms.plan, started.terms.starts_on, started.terms.ends_on) == (
        "growth", date(2026, 4, 1), date(2027, 3, 31),
    )  # fmt: skip
    assert (started.payer.key, started.payer.email) == ("acme.example", "ana@buyer.example")
    assert question(story) == ""


def test_what_is_signed_twice_is_billed_once() -> None:
    story = sold()
    story.tell("contract_signed", **SIGNED)
    story.wait(days=30)
    assert len(story.all(StartSubscription)) == 1


def test_monthly_invoices_are_each_a_twelfth_of_the_year() -> None:
    story = Story(playbook(PLAYS.replace("growth}", "growth, every: month, payment_days: 14}")), account=ACCOUNT)
    story.tell("contract_signed", **SIGNED, recurring={"amount": 12000, "currency": "EUR"})
    (started,) = story.all(StartSubscription)
    assert (started.terms.amount.amount, started.terms.payment_days) == (Decimal(1000), 14)


@pytest.mark.parametrize(
    ("signed", "asked"),
    [
        ({"value": None}, "names no amount"),
        ({"recurring": {"amount": 11000, "currency": "EUR"}}, "not what its parts make"),
        ({"one_off": {"amount": 500, "currency": "USD"}}, "two currencies"),
        ({"ends_on": "2028-03-31"}, "does not say what comes each year"),
        ({"ends_on": "2027-03-15", "recurring": {"amount": 12000, "currency": "EUR"}}, "no whole number of years"),
        ({"value": {"amount": 0, "currency": "EUR"}}, "nothing that can be billed"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_and_not_billed(signed: dict[str, object], asked: str) -> None:
    story = sold(**signed)
    assert asked in question(story)
    assert "settle_billing" in story.tasks
    assert story.all(StartSubscription) == []


def test_a_year_that_has_no_equal_months_is_asked() -> None:
    story = Story(playbook(PLAYS.replace("growth}", "growth, every: month}")), account=ACCOUNT)
    story.tell("contract_signed", **{**SIGNED, "value": {"amount": 10000, "currency": "EUR"}})
    assert "equal parts" in question(story)


def test_once_the_contract_says_it_the_question_is_over_and_it_is_billed() -> None:
    story = sold(value=None)
    story.tell("contract_signed", **SIGNED)
    assert question(story) == ""
    assert "settle_billing" not in story.tasks
    assert len(story.all(StartSubscription)) == 1


def test_a_deal_without_an_account_bills_nobody() -> None:
    story = Story(playbook(PLAYS))
    story.tell("contract_signed", **SIGNED)
    assert "no account" in question(story)


def test_invoices_go_to_whom_the_playbook_names() -> None:
    contacts = [
        {"id": "ana", "name": "Ana", "email": "ana@buyer.example"},
        {"id": "bo", "name": "Bo", "email": "bo@buyer.example", "role": "finance"},
    ]
    story = Story(playbook(PLAYS), account=ACCOUNT, contacts=contacts)
    story.tell("contract_signed", **SIGNED)
    assert story.all(StartSubscription)[0].payer.email == "bo@buyer.example"


def test_another_amount_than_the_buyer_accepted_is_asked() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.tell("proposal_sent", id="p-1", amount={"amount": 13000, "currency": "EUR"})
    story.tell("proposal_accepted", id="p-1")
    story.tell("contract_signed", **SIGNED)
    assert "13,000.00 EUR proposed and accepted" in question(story)


def test_a_renewal_is_a_subscription_of_its_own_on_its_own_terms() -> None:
    story = sold()
    story.until("2027-02-01 10:00")
    renewed = {"starts_on": "2027-04-01", "ends_on": "2028-03-31", "value": {"amount": 15000, "currency": "EUR"}}
    story.tell("contract_renewed", term=2, **renewed)
    first, second = story.all(StartSubscription)
    assert (first.terms.ends_on, second.terms.starts_on) == (date(2027, 3, 31), date(2027, 4, 1))
    assert second.terms.amount.amount == Decimal(15000)


def test_a_cancelled_contract_ends_its_subscription_with_its_term() -> None:
    story = sold()
    story.tell("contract_cancelled", term=1, reason="Too dear")
    (cancelled,) = story.all(CancelSubscription)
    assert (cancelled.ends_on, cancelled.subscription) == (date(2027, 3, 31), "sub-1")
    story.until("2027-05-01 10:00")
    assert story.outcome == "churned"
    assert len(story.all(CancelSubscription)) == 1


def test_a_contract_is_ended_at_once_only_where_the_playbook_says_so() -> None:
    story = Story(playbook(PLAYS.replace("growth}", "growth, when_cancelled: at_once}")), account=ACCOUNT)
    story.tell("contract_signed", **SIGNED)
    story.tell("contract_cancelled", term=1)
    assert story.all(CancelSubscription)[0].ends_on is None


def test_a_cancellation_that_was_taken_back_lets_it_go_on() -> None:
    story = sold()
    story.tell("contract_cancelled", term=1)
    story.wait(hours=1)
    story.tell("fact_retracted", retracts="contract_cancelled")
    (changed,) = story.all(ChangeSubscription)
    assert changed.terms.ends_on == date(2027, 3, 31)


def test_a_deal_that_ends_here_ends_what_is_billed() -> None:
    story = sold()
    story.order("close", outcome="churned", why="bankrupt")
    assert len(story.all(CancelSubscription)) == 1


@pytest.mark.parametrize("plan", ["growth}", "growth, when_cancelled: at_once}"])
def test_a_deal_that_is_completed_leaves_what_is_billed_as_it_was_signed(plan: str) -> None:
    story = Story(playbook(PLAYS.replace("growth}", plan)), account=ACCOUNT)
    story.tell("contract_signed", **SIGNED)

    story.order("close", outcome="completed", why="customer success has them")

    assert not story.all(CancelSubscription)
    assert story.state.billing is not None
    assert story.state.billing.terms["1"].is_there


def test_a_start_that_is_on_its_way_when_the_deal_is_completed_is_made() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.keep("start_subscription")
    story.tell("contract_signed", **SIGNED)

    story.order("close", outcome="completed", why="customer success has them")
    story.come_back(story.all(StartSubscription)[0], "done", reference="sub_1")

    assert not story.all(CancelSubscription)


def test_a_start_that_is_on_its_way_while_the_contract_is_cancelled_is_ended_once_it_is_there() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.keep("start_subscription")
    story.tell("contract_signed", **SIGNED)
    story.tell("contract_cancelled", term=1)
    assert story.all(CancelSubscription) == []
    story.come_back(story.all(StartSubscription)[0], "done", reference="sub_1")
    assert [cancelled.subscription for cancelled in story.all(CancelSubscription)] == ["sub_1"]


def test_a_start_that_waits_for_the_tool_is_dropped_once_the_contract_is_cancelled() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.keep("start_subscription")
    story.tell("contract_signed", **SIGNED)
    story.come_back(story.all(StartSubscription)[0], "not_done", reason="away")
    story.tell("contract_cancelled", term=1)
    story.wait(hours=2)
    assert len(story.all(StartSubscription)) == 1
    assert story.all(CancelSubscription) == []


def test_a_contract_that_is_signed_and_a_deal_that_is_closed_at_one_moment_start_no_subscription() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    closed = story.command("close", outcome="churned", why="bankrupt")
    story.tell_at_once(story.fact("contract_signed", **SIGNED), closed)
    assert (story.outcome, story.all(StartSubscription)) == ("churned", [])


def test_a_start_that_is_on_its_way_when_the_deal_is_closed_is_called_off_and_else_ended() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.keep("start_subscription")
    story.tell("contract_signed", **SIGNED)
    (started,) = story.all(StartSubscription)
    story.order("close", outcome="churned", why="bankrupt")
    assert started.id in story.state.pending
    story.come_back(started, "done", reference="sub_1")
    assert [cancelled.subscription for cancelled in story.all(CancelSubscription)] == ["sub_1"]


def test_nothing_is_done_about_a_subscription_of_which_nobody_knows_whether_it_began() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.keep("start_subscription")
    story.tell("contract_signed", **SIGNED)
    story.come_back(story.all(StartSubscription)[0], "uncertain", reason="no answer")
    story.tell("contract_amended", term=1, ends_on="2028-03-31")
    assert len(story.all(StartSubscription)) == 1
    assert "settle_uncertain" in story.tasks


def test_what_the_tool_refused_is_tried_again_once_something_of_it_is_different() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.keep("start_subscription")
    story.tell("contract_signed", **SIGNED)
    story.come_back(story.all(StartSubscription)[0], "failed", reason="no such plan")
    story.wait(days=3)
    assert len(story.all(StartSubscription)) == 1
    story.tell("contract_signed", **{**SIGNED, "value": {"amount": 9000, "currency": "EUR"}})
    assert [started.terms.amount.amount for started in story.all(StartSubscription)] == [12000, 9000]


def test_what_somebody_changed_in_the_tool_is_asked_and_not_overwritten() -> None:
    story = sold()
    about = {"subscription": "sub-1", "change": "downgraded"}
    story.tell("subscription_changed", **about, amount={"amount": 9000, "currency": "EUR"})
    assert "9,000.00 EUR a year" in question(story)
    assert story.all(ChangeSubscription) == []


def test_once_the_contract_says_what_the_tool_was_changed_to_nothing_is_written_back() -> None:
    story = sold()
    about = {"subscription": "sub-1", "change": "downgraded"}
    story.tell("subscription_changed", **about, amount={"amount": 9000, "currency": "EUR"})
    story.tell("contract_amended", term=1, ends_on="2027-03-31", value={"amount": 9000, "currency": "EUR"})
    assert story.all(ChangeSubscription) == []
    assert question(story) == ""
    assert story.last(SubscriptionDecided).how == "agree"


def test_a_cancellation_that_the_tool_told_is_not_written_back() -> None:
    story = sold()
    about = {"subscription": "sub-1", "change": "other", "ends_on": "2027-03-31"}
    story.tell("subscription_changed", **about)
    story.tell("contract_cancelled", term=1)
    assert story.all(CancelSubscription) == []


def test_a_subscription_that_ended_in_the_tool_while_the_contract_runs_is_asked_about() -> None:
    story = sold()
    story.tell("subscription_changed", subscription="sub-1", change="ended")
    assert "has ended in the billing tool" in question(story)


def test_a_subscription_that_ended_before_its_term_is_asked_about_until_the_term_is_over() -> None:
    story = sold()
    story.tell("subscription_changed", subscription="sub-1", change="ended")

    story.until("2027-03-31 23:59")
    assert "has ended in the billing tool" in question(story)
    assert story.wakes == "Thu 01 Apr 00:00"
    story.until("2027-04-01 00:00")
    assert question(story) == ""
    assert "settle_billing" not in story.tasks


def test_of_several_terms_that_were_ended_in_the_tool_each_is_asked_about_until_it_is_over() -> None:
    story = sold()
    next_year = {"term": 2, "starts_on": "2027-04-01", "ends_on": "2028-03-31"}
    story.tell("contract_renewed", **next_year, value={"amount": 12000, "currency": "EUR"})
    for subscription in ("sub-1", "sub-2"):
        story.tell("subscription_changed", subscription=subscription, change="ended")
    assert [part[:6] for part in question(story).split("; ")] == ["Term 1", "Term 2"]

    assert question(story.until("2027-04-01 00:00"))[:6] == "Term 2"
    assert question(story.until("2028-04-01 00:00")) == ""


def test_an_amended_term_is_billed_as_it_says_now() -> None:
    story = sold()
    story.tell("contract_amended", term=1, ends_on="2027-03-31", value={"amount": 18000, "currency": "EUR"})
    (changed,) = story.all(ChangeSubscription)
    assert changed.terms.amount.amount == Decimal(18000)


def test_a_subscription_that_ended_with_its_term_is_no_question() -> None:
    story = sold()
    story.until("2027-04-01 00:30")
    story.tell("subscription_changed", subscription="sub-1", change="ended")
    assert question(story) == ""


def test_what_stands_on_the_first_invoice_is_asked_and_not_changed() -> None:
    story = sold(recurring={"amount": 12000, "currency": "EUR"})
    one_off = {"amount": 1000, "currency": "EUR"}
    more = {"value": {"amount": 13000, "currency": "EUR"}, "one_off": one_off}
    story.tell("contract_signed", **{**SIGNED, **more})
    assert "is billed already" in question(story)
    assert story.all(ChangeSubscription) == []


def test_what_is_billed_already_needs_no_grant_of_the_next_term() -> None:
    asking = "- {name: ask, on: discount_requested, do: [{approval: discount}]}"
    rules = PLAYS.replace("plays:\n", f"plays:\n  {asking}\n", 1)
    levels = "approvals: [{name: discount, of: proposal.discount, levels: [{up_to: 10}, {by: [boss]}]}]"
    story = Story(playbook(f"{levels}\n{rules}"), account=ACCOUNT)
    story.tell("discount_requested", percent="20")
    answer(story, "boss", "approve")
    story.tell("contract_signed", **SIGNED)
    story.until("2027-02-01 10:00")
    renewed = {"starts_on": "2027-04-01", "ends_on": "2028-03-31", "value": {"amount": 15000, "currency": "EUR"}}
    story.tell("contract_renewed", term=2, **renewed)
    assert question(story) == "Term 2: nobody granted discount 20 (discount)"


def test_what_the_tool_tells_of_a_subscription_waits_for_nothing_else() -> None:
    assert "subscription_changed" not in sold().decision.quiet


def test_what_is_billed_beyond_the_last_day_of_a_term_is_ended_at_once_when_the_deal_ends() -> None:
    over = "- {name: over, on: contract_signed, do: [{at: {after: contract.ends_on, by: 1d}, close: churned}]}"
    story = Story(playbook(PLAYS.replace("plays:\n", f"plays:\n  {over}\n", 1)), account=ACCOUNT)
    story.tell("contract_signed", **SIGNED)
    story.until("2026-08-10 10:00").tell("contract_amended", ends_on="2026-07-31")
    (ended,) = story.all(CancelSubscription)
    assert (story.outcome, ended.ends_on) == ("churned", None)


def test_a_term_that_is_amended_to_end_before_it_was_billed_is_asked_about() -> None:
    story = sold()
    story.tell("contract_amended", ends_on="2026-02-15")
    assert "does not say what comes each year" in question(story)


AMENDED = {"term": 1, "ends_on": "2027-03-31", "value": {"amount": 18000, "currency": "EUR"}}
"""Another price for the same year."""


def refused(status: str) -> Story:
    """A deal whose change of price the tool did not take."""
    story = sold()
    story.keep("change_subscription")
    story.tell("contract_amended", **AMENDED)
    story.come_back(story.all(ChangeSubscription)[0], status, reason="not by this API")
    return story


def test_a_change_that_was_refused_is_asked_about_and_not_tried_again() -> None:
    story = refused("failed")
    story.wait(days=3)
    assert len(story.all(ChangeSubscription)) == 1
    assert "mend_refused" in story.tasks


def test_what_the_tool_refused_is_not_believed_to_be_billed() -> None:
    story = refused("failed")
    story.tell("contract_amended", **{**AMENDED, "value": {"amount": 12000, "currency": "EUR"}})
    assert len(story.all(ChangeSubscription)) == 1  # it is billed so still


def test_once_somebody_did_in_the_tool_what_it_refused_the_books_agree() -> None:
    story = refused("failed")
    about = {"subscription": "sub-1", "change": "upgraded"}
    story.tell("subscription_changed", **about, amount={"amount": 18000, "currency": "EUR"})
    assert (question(story), story.last(SubscriptionDecided).how) == ("", "agree")


def test_after_a_refusal_another_change_is_tried() -> None:
    story = refused("failed")
    story.tell("contract_amended", **{**AMENDED, "value": {"amount": 15000, "currency": "EUR"}})
    assert [one.terms.amount.amount for one in story.all(ChangeSubscription)] == [18000, 15000]


def test_a_change_that_surely_did_not_go_out_is_made_again() -> None:
    story = refused("uncertain")
    (unsure,) = story.all(ChangeSubscription)
    story.order("resolve_touch", effect=unsure.id, sent=False, why="I looked")
    assert [one.terms for one in story.all(ChangeSubscription)] == [unsure.terms, unsure.terms]


def test_what_the_tool_tells_while_a_change_is_on_its_way_is_kept_if_that_is_refused() -> None:
    story = sold()
    story.keep("change_subscription")
    story.tell("contract_amended", **AMENDED)
    about = {"subscription": "sub-1", "change": "downgraded"}
    story.tell("subscription_changed", **about, amount={"amount": 9000, "currency": "EUR"})
    story.come_back(story.all(ChangeSubscription)[0], "failed", reason="not by this API")
    assert "9,000.00 EUR a year" in question(story)


def test_a_cancellation_that_was_refused_and_taken_back_writes_nothing() -> None:
    story = sold()
    story.keep("cancel_subscription")
    story.tell("contract_cancelled", term=1)
    story.come_back(story.all(CancelSubscription)[0], "failed", reason="not by this API")
    story.wait(hours=1)
    assert len(story.all(CancelSubscription)) == 1
    story.tell("fact_retracted", retracts="contract_cancelled")
    assert story.all(ChangeSubscription) == []


def test_what_waits_for_the_tool_is_dropped_once_something_else_is_signed() -> None:
    story = Story(playbook(PLAYS), account=ACCOUNT)
    story.keep("start_subscription")
    story.tell("contract_signed", **SIGNED)
    story.come_back(story.all(StartSubscription)[0], "not_done", reason="away")
    story.tell("contract_signed", **{**SIGNED, "value": {"amount": 9000, "currency": "EUR"}})
    story.wait(hours=2)
    assert [started.terms.amount.amount for started in story.all(StartSubscription)] == [12000, 9000]


def test_a_change_that_waits_for_the_tool_is_dropped_once_the_term_is_amended_again() -> None:
    story = sold()
    story.keep("change_subscription")
    story.tell("contract_amended", **AMENDED)
    story.come_back(story.all(ChangeSubscription)[0], "not_done", reason="away")
    story.tell("contract_amended", **{**AMENDED, "value": {"amount": 15000, "currency": "EUR"}})
    story.wait(hours=2)
    assert [one.terms.amount.amount for one in story.all(ChangeSubscription)] == [18000, 15000]
