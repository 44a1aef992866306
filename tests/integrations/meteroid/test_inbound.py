"""What Meteroid's webhooks say: in its own field names, and under one id with what is read."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.kit.mapping.events import events_from
from integrations.registry import shipped_mappings
from store.intake import Event, IntakeState

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


def read(kind: str, **about: JsonValue) -> Event:
    source = shipped_mappings()["meteroid"].with_settings({})
    told: JsonValue = {"id": "evt_1", "type": kind, "timestamp": NOW.isoformat(), **about}
    (event,) = events_from(source, [told], NOW)
    return event


def test_a_paid_invoice_is_told_in_whole_units_though_its_status_says_draft() -> None:
    event = read("invoice.paid", invoice_id="inv_1", customer_id="cus_1", status="DRAFT", total=120050, currency="EUR")
    assert event.payload["amount"] == {"amount": "1200.50", "currency": "EUR"}
    assert event.deal_ref == "customer:cus_1"


def test_the_end_of_a_subscription_has_one_id_whoever_tells_it() -> None:
    cancelled = read("subscription.cancelled", subscription_id="sub_1", customer_id="cus_1")
    ended = read("subscription.ended", subscription_id="sub_1", customer_id="cus_1")
    assert cancelled.event_id == ended.event_id


def test_a_subscription_that_was_started_from_here_is_no_news() -> None:
    assert read("subscription.created", subscription_id="sub_1", customer_id="cus_1").state is IntakeState.SKIPPED


def test_a_failed_payment_is_told() -> None:
    failed = read("payment.failed", transaction_id="tx_1", invoice_id="inv_1", customer_id="cus_1", error="declined")
    assert (failed.payload["invoice"], failed.payload["reason"]) == ("inv_1", "declined")


def test_a_paid_invoice_has_one_id_whoever_tells_it() -> None:
    about: dict[str, JsonValue] = {"invoice_id": "inv_1", "customer_id": "cus_1", "total": 100, "currency": "EUR"}
    read_later = read("invoice.paid", subscription_id="sub_1", **about)
    assert (read("invoice.paid", **about).event_id, read_later.deal_ref) == (read_later.event_id, "subscription:sub_1")
