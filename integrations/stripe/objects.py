"""Stripe's objects, as far as they say what a customer pays.

https://docs.stripe.com/api/events, https://docs.stripe.com/api/subscriptions, https://docs.stripe.com/api/invoices.
Fields stand where any API version since 2022-11-15 has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from dealwright.values.iso_codes import CURRENCIES, minor_digits

JsonObject = dict[str, JsonValue]
_DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Where Stripe counts otherwise than ISO 4217: https://docs.stripe.com/currencies#special-cases."""


def _id_of(value: object) -> object:
    """The id of an object that may stand there as a whole: Stripe calls that expanded."""
    return value.get("id") if isinstance(value, dict) else value


Reference = Annotated[str | None, BeforeValidator(_id_of)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Metadata(_Model):
    """What whoever made an object wrote beside it."""

    deal: str | None = Field(default=None, alias="dealwright_deal")
    term: str | None = Field(default=None, alias="dealwright_term")
    """The contract term that we made a subscription for."""
    effect: str | None = Field(default=None, alias="dealwright_effect")


class _Recurring(_Model):
    interval: str | None = None
    interval_count: int = 1


class _Price(_Model):
    unit_amount: int | None = None
    """None where it depends on usage, or on steps."""
    currency: str = ""
    recurring: _Recurring | None = None


class Period(_Model):
    """A time that was paid for, in seconds since 1970; the end is the first moment of the next one."""

    start: int
    end: int

    @property
    def days(self) -> JsonObject:
        """Its first and its last day, in UTC."""
        first = datetime.fromtimestamp(self.start, UTC).date()
        last = datetime.fromtimestamp(self.end, UTC).date() - timedelta(days=1)
        return {"starts_on": first.isoformat(), "ends_on": max(first, last).isoformat()}


class _Item(_Model):
    id: str = ""
    price: _Price
    quantity: int | None = 1
    current_period_start: int | None = None
    current_period_end: int | None = None


class _Items(_Model):
    items: tuple[_Item, ...] = Field(default=(), alias="data")
    has_more: bool = False


class CancellationDetails(_Model):
    """Why a subscription ends: in the customer's words, in one of Stripe's, or what made it end."""

    comment: str | None = None
    feedback: str | None = None
    reason: str | None = None


class Cost(_Model):
    """What a subscription costs, and how often."""

    amount: Decimal
    currency: str
    period: tuple[str | None, int]


class Subscription(_Model):
    """What a customer pays for regularly."""

    id: str
    status: str = ""
    customer: Reference = None
    metadata: Metadata = Metadata()
    items: _Items = _Items()
    current_period_start: int | None = None
    """Where older API versions have what each item says."""
    current_period_end: int | None = None
    cancel_at_period_end: bool = False
    cancel_at: int | None = None
    pause_collection: JsonObject | None = None
    cancellation_details: CancellationDetails | None = None

    @property
    def ends_on(self) -> str | None:
        """The last day, in UTC, where it is to end."""
        end = self.cancel_at
        if end is None and self.cancel_at_period_end and self.period is not None:
            end = self.period.end
        return None if end is None else (datetime.fromtimestamp(end, UTC) - timedelta(seconds=1)).date().isoformat()

    @property
    def will_end(self) -> bool:
        """Whether it is to end by itself."""
        return self.cancel_at_period_end or self.cancel_at is not None

    @property
    def period(self) -> Period | None:
        """The time that it is paid for now; None where it does not say."""
        said = [(one.current_period_start, one.current_period_end) for one in self.items.items]
        for start, end in [(self.current_period_start, self.current_period_end), *said]:
            if start is not None and end is not None:
                return Period(start=start, end=end)
        return None

    @property
    def prices(self) -> list[tuple[_Price, int | None]]:
        """What is paid for, and how many of it."""
        return [(one.price, one.quantity) for one in self.items.items]

    @property
    def cost(self) -> Cost | None:
        """What it costs each period; None where that is not one fixed amount."""
        kinds = {(price.currency, _period(price)) for price, _ in self.prices}
        if len(kinds) != 1 or self.items.has_more:
            return None
        ((currency, period),) = kinds
        amount = 0
        for price, quantity in self.prices:
            if price.unit_amount is None or quantity is None:
                return None
            amount += price.unit_amount * quantity
        major = major_units(amount, currency)
        return None if major is None else Cost(amount=major, currency=currency.upper(), period=period)


class _SubscriptionDetails(_Model):
    subscription: Reference = None
    metadata: Metadata | None = None


class _Parent(_Model):
    subscription_details: _SubscriptionDetails | None = None


class _Line(_Model):
    period: Period | None = None


class _Lines(_Model):
    lines: tuple[_Line, ...] = Field(default=(), alias="data")


class Invoice(_Model):
    """What a customer is asked to pay."""

    id: str
    currency: str
    amount_paid: int = 0
    amount_due: int = 0
    attempt_count: int | None = None
    customer: Reference = None
    customer_email: str | None = None
    metadata: Metadata | None = None
    subscription: Reference = None
    subscription_details: _SubscriptionDetails | None = None
    billing_reason: str | None = None
    lines: _Lines = _Lines()
    parent: _Parent | None = None
    """Where newer API versions have what the two fields above say."""

    @property
    def renews(self) -> Period | None:
        """The next period of a subscription, where it is the invoice for one; its own ``period_end`` says another."""
        if self.billing_reason != "subscription_cycle":
            return None
        periods = [one.period for one in self.lines.lines if one.period]
        return max(periods, key=lambda one: one.end, default=None)

    @property
    def of_subscription(self) -> str | None:
        """The subscription that it is for."""
        return next((one.subscription for one in self._details if one.subscription), self.subscription)

    @property
    def deal(self) -> str | None:
        """The deal that its metadata names, or that of its subscription."""
        said = [self.metadata, *(one.metadata for one in self._details)]
        return next((one.deal for one in said if one and one.deal), None)

    @property
    def _details(self) -> list[_SubscriptionDetails]:
        found = [self.parent.subscription_details if self.parent else None, self.subscription_details]
        return [one for one in found if one is not None]


class CreditNote(_Model):
    """What a customer owes less, or gets back: https://docs.stripe.com/api/credit_notes."""

    id: str
    number: str | None = None
    currency: str
    total: int
    customer: Reference = None
    invoice: Reference = None
    memo: str | None = None
    reason: str | None = None


class Refund(_Model):
    """Money that went back: https://docs.stripe.com/api/refunds. It names neither customer nor invoice."""

    id: str
    currency: str
    amount: int
    charge: Reference = None
    reason: str | None = None
    metadata: Metadata = Metadata()


def major_units(amount: int, currency: str) -> Decimal | None:
    """An amount in Stripe's smallest units as a decimal number; None for a currency that nobody knows."""
    code = currency.upper()
    if code not in CURRENCIES:
        return None
    written = minor_digits(code)
    value = Decimal(amount).scaleb(-_DIGITS.get(code, written))
    return value.quantize(Decimal(1).scaleb(-written))


def minor_units(amount: Decimal, currency: str) -> int | None:
    """An amount in the smallest units that Stripe counts in; None where it has a part of one."""
    code = currency.upper()
    scaled = amount.scaleb(_DIGITS.get(code, minor_digits(code)))
    return int(scaled) if scaled == scaled.to_integral_value() else None


def money(amount: int, currency: str) -> JsonObject | None:
    """An amount as a fact has it."""
    major = major_units(amount, currency)
    return None if major is None else {"amount": str(major), "currency": currency.upper()}


def as_before(now: Mapping[str, JsonValue], previous: Mapping[str, JsonValue]) -> JsonObject:
    """An object as it was before an update: lists stand there as a whole, of objects only what changed."""
    before = dict(now)
    for name, value in previous.items():
        there = before.get(name)
        both = isinstance(value, dict) and isinstance(there, dict)
        before[name] = as_before(there, value) if both else value  # type: ignore[arg-type] # both are objects
    return before


def _period(price: _Price) -> tuple[str | None, int]:
    return (price.recurring.interval, price.recurring.interval_count) if price.recurring else (None, 1)
