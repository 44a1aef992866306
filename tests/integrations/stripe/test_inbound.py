"""What Stripe's events mean for a deal."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.stripe.changes import changes_of
from store.intake import IntakeState
from tests.integrations.stripe.webhooks import items, read, read_all, recorded, source, told, updated

SUBSCRIPTION = "sub_1TlzbBAcmeAcctA0pgiGtqSY"


def test_a_paid_invoice_is_told_with_its_amount_as_of_when_it_was_paid() -> None:
    event = read(recorded("invoice.paid"))
    assert (event.fact, event.deal_ref, event.contacts) == (
        "invoice_paid", f"subscription:{SUBSCRIPTION}", ("customer-a@example.com",),
    )  # fmt: skip
    assert event.payload["at"] == "2026-06-24T22:48:51Z"
    assert told(event) == {
        "invoice": "in_1TlzbBAcmeAcctA0StbaJSGV", "amount": {"amount": "20.00", "currency": "USD"},
    }  # fmt: skip


def test_a_payment_that_failed_says_which_attempt_it_was_and_what_is_due() -> None:
    event = read(recorded("invoice.payment_failed"))
    assert event.fact == "payment_failed"
    assert told(event) == {
        "invoice": "in_1TlzbIAcmeAcctA06BCH1QVe", "amount": {"amount": "20.00", "currency": "USD"}, "attempt": 1,
    }  # fmt: skip


def test_an_invoice_of_nothing_is_no_payment() -> None:
    free = recorded("invoice.paid")
    free["data"]["object"] |= {"amount_paid": 0, "amount_due": 0}
    assert read(free).state is IntakeState.SKIPPED


def test_a_subscription_that_begins_says_what_it_costs_each_period() -> None:
    event = read(recorded("customer.subscription.created"))
    assert event.fact == "subscription_changed"
    assert told(event) == {
        "change": "started", "subscription": SUBSCRIPTION, "amount": {"amount": "20.00", "currency": "USD"},
    }  # fmt: skip


def test_a_subscription_whose_first_payment_failed_has_not_begun_until_it_is_paid() -> None:
    incomplete = recorded("customer.subscription.created")
    incomplete["data"]["object"]["status"] = "incomplete"
    assert read(incomplete).state is IntakeState.SKIPPED
    assert told(read(updated({"status": "incomplete"}, status="active")))["change"] == "started"
    assert read(updated({"status": "incomplete"}, status="incomplete_expired")).state is IntakeState.SKIPPED


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (items(), items(unit_amount=3000), "upgraded"),
        (items(), items(unit_amount=1500), "downgraded"),
        (items(), items(quantity=3), "upgraded"),
        (items(quantity=3), items(quantity=2), "downgraded"),
        (items(unit_amount=2000, quantity=3), items(unit_amount=3000, quantity=2), "other"),
        (items(unit_amount=2000), items(unit_amount=20_000, interval="year"), "other"),
        (items(), items(unit_amount=None), "other"),
    ],
    ids=["dearer", "cheaper", "more seats", "fewer seats", "the same in all", "by the year", "by use"],
)
def test_whether_a_change_of_plan_is_up_or_down_is_what_it_costs_in_all(before: Any, now: Any, change: str) -> None:
    assert told(read(updated({"items": before}, items=now)))["change"] == change


def test_a_new_period_alone_is_no_change() -> None:
    earlier = items()
    earlier["data"][0]["current_period_end"] = 1782341329
    event = updated({"latest_invoice": "in_old", "items": earlier}, latest_invoice="in_new")
    assert read(event).state is IntakeState.SKIPPED


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ({"pause_collection": None}, {"pause_collection": {"behavior": "void"}}, "paused"),
        ({"pause_collection": {"behavior": "void"}}, {"pause_collection": None}, "resumed"),
    ],
)
def test_collection_that_is_paused_and_resumed_is_told(before: Any, now: Any, change: str) -> None:
    assert told(read(updated(before, **now)))["change"] == change


def test_two_changes_of_one_update_are_both_told_each_under_an_id_of_its_own() -> None:
    event = updated(
        {"items": items(), "cancel_at_period_end": True}, items=items(quantity=2), cancel_at_period_end=False
    )
    said = read_all(event)
    assert [told(one)["change"] for one in said] == ["other", "upgraded"]
    assert len({one.event_id for one in said}) == len(said)


ENDING = updated(
    {"cancel_at_period_end": False}, cancel_at_period_end=True,
    cancellation_details={"comment": "We build it ourselves", "feedback": "other", "reason": "cancellation_requested"},
)  # fmt: skip
STAYING = updated({"cancel_at_period_end": True}, cancel_at_period_end=False)


def test_that_a_subscription_will_end_says_nothing_of_a_contract_unless_the_team_says_so() -> None:
    assert [told(read(one))["change"] for one in (ENDING, STAYING)] == ["other", "other"]
    assert [read(recorded("customer.subscription.deleted")).fact] == ["subscription_changed"]


CONTRACTS = source(contracts="stripe")


def test_where_a_subscription_is_the_contract_its_first_period_is_the_first_term() -> None:
    said = read_all(recorded("customer.subscription.created"), CONTRACTS)
    assert [one.fact for one in said] == ["subscription_changed", "contract_signed"]
    assert told(said[1]) == {
        "starts_on": "2026-06-24", "ends_on": "2026-07-23", "value": {"amount": "20.00", "currency": "USD"},
    }  # fmt: skip


def test_where_a_subscription_is_the_contract_each_paid_period_is_the_next_term() -> None:
    renewal = recorded("invoice.paid")
    renewal["data"]["object"]["billing_reason"] = "subscription_cycle"
    paid, renewed = read_all(renewal, CONTRACTS)
    assert (paid.fact, renewed.fact) == ("invoice_paid", "contract_renewed")
    assert told(renewed).items() >= {"starts_on": "2026-06-24", "ends_on": "2026-07-23"}.items()
    assert [one.fact for one in read_all(recorded("invoice.paid"), CONTRACTS)] == ["invoice_paid"]


def test_where_a_subscription_is_the_contract_its_cancellation_is_told_and_taken_back() -> None:
    ending, staying = read(ENDING, CONTRACTS), read(STAYING, CONTRACTS)
    assert (ending.fact, told(ending)) == ("contract_cancelled", {"reason": "We build it ourselves"})
    assert (staying.fact, told(staying)) == ("fact_retracted", {"retracts": "contract_cancelled"})


def test_where_a_subscription_is_the_contract_its_end_is_both() -> None:
    said = read_all(recorded("customer.subscription.deleted"), CONTRACTS)
    assert [(one.fact, told(one).get("change")) for one in said] == [
        ("subscription_changed", "ended"), ("contract_cancelled", None),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["customer.subscription.created", "invoice.paid"])
def test_the_deal_in_the_metadata_of_a_subscription_is_the_deal_of_its_invoices_too(name: str) -> None:
    event = recorded(name)
    marks = {"dealwright_deal": "acme-2026"}
    if name == "invoice.paid":
        event["data"]["object"]["parent"]["subscription_details"]["metadata"] = marks
    else:
        event["data"]["object"]["metadata"] = marks
    assert read(event).deal_ref == "acme-2026"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [(500, "jpy", "500"), (1234, "eur", "12.34"), (5120, "kwd", "5.120"), (500, "isk", "5"), (500, "mga", "500.00")],
)
def test_amounts_are_read_in_the_units_that_stripe_counts_in(amount: int, currency: str, written: str) -> None:
    invoice = recorded("invoice.paid")
    invoice["data"]["object"] |= {"amount_paid": amount, "currency": currency}
    assert told(read(invoice))["amount"] == {"amount": written, "currency": currency.upper()}


@pytest.mark.parametrize("kind", ["charge.succeeded", "v1.billing.meter.error_report_triggered"])
def test_what_is_not_followed_is_kept_as_skipped(kind: str) -> None:
    event = recorded("invoice.paid") | {"type": kind}
    assert read(event).state is IntakeState.SKIPPED


def test_a_thin_event_is_kept_as_skipped() -> None:
    thin = {"id": "evt_1", "type": "v1.invoice.paid", "created": 1782341331, "related_object": {"id": "in_1"}}
    assert read(thin).state is IntakeState.SKIPPED


def test_an_object_that_stripe_does_not_send_is_refused() -> None:
    wrong = recorded("invoice.paid")
    wrong["data"]["object"]["amount_paid"] = "a lot"
    with pytest.raises(Unreadable, match="amount_paid"):
        changes_of(wrong)
