"""What a simulated Stripe account holds, and how Stripe shows it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from pydantic import BaseModel, JsonValue
from starlette.responses import JSONResponse, Response

JsonObject = dict[str, JsonValue]
VERSION = "2026-06-24.dahlia"
MONTH, YEAR = 30 * 86_400, 365 * 86_400
"""How long a period lasts, in seconds: months have one length here."""


class Subscription(BaseModel):
    """What a customer pays for regularly: one price, so many times."""

    id: str
    item: str
    customer: str
    email: str
    unit_amount: int
    currency: str
    interval: str
    quantity: int
    created: int
    period_start: int
    period_end: int
    metadata: dict[str, str] = {}
    status: str = "active"
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    paused: bool = False
    comment: str | None = None
    product: str = "prod_1"
    cancel_at: int | None = None
    sends_invoices: bool = False
    """It was made over the API: the clock writes its invoices."""
    one_off: int = 0
    """What its next invoice is about besides."""

    def shown(self) -> JsonObject:
        """As API and events show it."""
        price: JsonObject = {
            "id": f"price_{self.unit_amount}", "object": "price", "unit_amount": self.unit_amount,
            "currency": self.currency, "type": "recurring", "product": self.product,
            "recurring": {"interval": self.interval, "interval_count": 1, "usage_type": "licensed"},
        }  # fmt: skip
        item: JsonObject = {
            "id": self.item, "object": "subscription_item", "price": price, "quantity": self.quantity,
            "subscription": self.id, "current_period_start": self.period_start,
            "current_period_end": self.period_end,
        }  # fmt: skip
        return {
            "id": self.id, "object": "subscription", "status": self.status, "customer": self.customer,
            "currency": self.currency, "metadata": {**self.metadata}, "livemode": False, "created": self.created,
            "items": {"object": "list", "data": [item], "has_more": False, "total_count": 1},
            "cancel_at_period_end": self.cancel_at_period_end, "canceled_at": self.canceled_at,
            "cancel_at": self.period_end if self.cancel_at_period_end else self.cancel_at,
            "cancellation_details": {
                "comment": self.comment, "feedback": None,
                "reason": "cancellation_requested" if self.canceled_at else None,
            },
            "pause_collection": {"behavior": "void", "resumes_at": None} if self.paused else None,
        }  # fmt: skip


class Invoice(BaseModel):
    """What a customer is asked to pay for one period."""

    id: str
    subscription: str
    customer: str
    email: str
    amount: int
    currency: str
    billing_reason: str
    created: int
    period_start: int
    period_end: int
    metadata: dict[str, str] = {}
    paid: bool = False
    attempts: int = 0

    def shown(self) -> JsonObject:
        """As events show it."""
        return {
            "id": self.id, "object": "invoice", "status": "paid" if self.paid else "open", "livemode": False,
            "customer": self.customer, "customer_email": self.email, "currency": self.currency, "metadata": {},
            "amount_due": self.amount, "amount_paid": self.amount if self.paid else 0,
            "amount_remaining": 0 if self.paid else self.amount, "attempt_count": self.attempts,
            "billing_reason": self.billing_reason, "created": self.created,
            "period_start": self.created, "period_end": self.created,
            "lines": {
                "object": "list", "has_more": False,
                "data": [{
                    "id": "il_1", "object": "line_item", "amount": self.amount, "currency": self.currency,
                    "period": {"start": self.period_start, "end": self.period_end},
                }],
            },
            "parent": {
                "type": "subscription_details",
                "subscription_details": {"subscription": self.subscription, "metadata": {**self.metadata}},
            },
        }  # fmt: skip


class Endpoint(BaseModel):
    """Where webhooks go."""

    id: str
    url: str
    enabled_events: list[str]
    status: str = "enabled"

    def shown(self) -> JsonObject:
        """As the API shows it: without its secret."""
        return {
            "id": self.id, "object": "webhook_endpoint", "url": self.url, "status": self.status, "livemode": False,
            "enabled_events": [*self.enabled_events], "api_version": None, "application": None, "metadata": {},
        }  # fmt: skip


class Customer(BaseModel):
    """Whoever pays."""

    id: str
    created: int
    name: str | None = None
    email: str | None = None
    metadata: dict[str, str] = {}
    test_clock: str | None = None

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return {
            "id": self.id, "object": "customer", "name": self.name, "email": self.email, "created": self.created,
            "metadata": {**self.metadata}, "livemode": False, "test_clock": self.test_clock,
        }  # fmt: skip


class TestClock(BaseModel):
    """A clock of its own, which the customers made with it live by."""

    id: str
    created: int
    frozen_time: int
    deletes_after: int
    name: str | None = None
    status: str = "ready"

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return {
            "id": self.id, "object": "test_helpers.test_clock", "created": self.created, "livemode": False,
            "frozen_time": self.frozen_time, "deletes_after": self.deletes_after, "name": self.name,
            "status": self.status, "status_details": {},
        }  # fmt: skip


class KeptAnswer(BaseModel):
    """What was answered to an idempotency key."""

    call: str
    """What tells one call from another."""
    status: int
    body: str


class Used(BaseModel):
    """Something that a customer used."""

    meter: str
    customer: str
    at: int
    value: float


class Account(BaseModel):
    """An account."""

    customers: dict[str, Customer] = {}
    """By their ids."""
    answers: dict[str, KeptAnswer] = {}
    """By the idempotency key of the call."""
    test_clocks: dict[str, TestClock] = {}
    """By their ids."""
    clock: int = 0
    """Its time in seconds since 1970, once somebody put it forward; 0 for the time that it is."""

    subscriptions: dict[str, Subscription] = {}
    """By their ids."""
    invoices: dict[str, Invoice] = {}
    """By their ids."""
    events: list[JsonObject] = []
    """The oldest first."""
    endpoints: dict[str, Endpoint] = {}
    """By their ids."""
    used: list[Used] = []
    """What customers used. A meter is there once something of it was used."""


def problem(status: int, kind: str, message: str, parameter: str | None = None, *, code: str | None = None) -> Response:
    """An error as Stripe writes it."""
    about = {name: value for name, value in (("param", parameter), ("code", code)) if value}
    return JSONResponse({"error": {"type": kind, "message": message, **about}}, status)


def listed(url: str, found: Sequence[JsonValue], *, more: bool = False) -> Response:
    """A page of a list."""
    return JSONResponse({"object": "list", "url": url, "data": [*found], "has_more": more})


def new_id(prefix: str) -> str:
    """An id for a new object."""
    return f"{prefix}_{uuid4().hex[:24]}"
