"""What billing tells: invoices paid, payments that failed, subscriptions that changed."""

from __future__ import annotations

from typing import Literal

from dealwright.deal import Money
from dealwright.facts.base import Fact
from dealwright.subscription import ToldSubscription
from dealwright.values.recorded import Day, Name, Text, Whole

__all__ = [
    "CreditNoted",
    "InvoicePaid",
    "PaymentFailed",
    "RefundPaid",
    "SubscriptionChanged",
]


class AboutInvoice(Fact):
    """A fact about one invoice, where it says which: what is begun for that one is not ended by another."""

    invoice: Name | None = None
    """Which invoice, as the billing tool calls it."""
    amount: Money | None = None
    """Of the invoice or payment; the deal's own amount stays."""

    @property
    def about(self) -> str | None:
        """What it is about, as plays name it: ``invoice/<id>``."""
        return None if self.invoice is None else f"invoice/{self.invoice}"


class InvoicePaid(AboutInvoice):
    """The customer paid an invoice."""

    name = "invoice_paid"


class PaymentFailed(AboutInvoice):
    """A payment did not go through; the billing tool may try again."""

    name = "payment_failed"
    attempt: Whole | None = None
    reason: Text | None = None


class SubscriptionChanged(Fact):
    """What the customer pays for regularly changed; contracts and their terms are told by their own facts."""

    name = "subscription_changed"
    always_decided = True
    variant_field = "change"
    change: Literal["started", "upgraded", "downgraded", "paused", "resumed", "ended", "other"]
    subscription: Name | None = None
    """Which one, as the billing tool calls it."""
    amount: Money | None = None
    """What it costs from now on, for each of its periods."""
    ends_on: Day | None = None
    """The last day for which it is billed, where it is to end."""

    def told(self) -> ToldSubscription:
        """What the deal remembers of it."""
        return ToldSubscription(subscription=self.subscription, amount=self.amount, ends_on=self.ends_on)


class CreditNoted(AboutInvoice):
    """A credit note was written: the customer owes that much less, or gets it back."""

    name = "credit_noted"
    credit_note: Name | None = None
    """Which one, as the billing tool calls it."""
    reason: Text | None = None


class RefundPaid(AboutInvoice):
    """Money went back to the customer."""

    name = "refund_paid"
    refund: Name | None = None
    """Which one, as the billing tool calls it."""
    reason: Text | None = None
