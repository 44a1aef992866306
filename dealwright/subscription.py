"""What a customer is billed for: the terms of a subscription, as contracts say them, and who pays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from dealwright.deal import Money
from dealwright.values.iso_codes import minor_digits
from dealwright.values.recorded import Recorded

Every: TypeAlias = Literal["month", "year"]
"""How often an invoice is written."""
WhenCancelled: TypeAlias = Literal["at_term_end", "at_once"]
_MONTHS = 12


class BillingPlan(Recorded):
    """How a playbook wants a deal billed, whatever the contract says of amounts and dates."""

    plan: str
    """As the connections file calls it."""
    every: Every | str = "year"
    payment_days: int = 30
    """Days from an invoice to when it is due."""
    bill_to: str | None = None
    """The role of the contact whom invoices go to; None for whoever pays, as their role says, else the first."""
    when_cancelled: WhenCancelled | str = "at_term_end"
    """When a subscription ends whose contract is cancelled."""


class Payer(Recorded):
    """Who pays: one customer of the billing tool, whatever it is called there."""

    key: str
    """The account's domain, or else its id: the same for all deals of an account."""
    name: str
    email: str
    """Where invoices go."""
    country: str | None = None


class TermBilled(Recorded):
    """One contract term as it is billed. Days are whole days, both included; the money is without taxes."""

    plan: str
    every: Every | str
    recurring: Money
    """What a year costs."""
    one_off: Money | None = None
    """What comes once, with the term's first invoice."""
    starts_on: date
    ends_on: date
    payment_days: int

    @property
    def amount(self) -> Money:
        """What each invoice is about: the year's amount, or a twelfth of it."""
        parts = _MONTHS if self.every == "month" else 1
        return Money(amount=self.recurring.amount / parts, currency=self.recurring.currency)

    def yearly(self, amount: Money) -> Money:
        """What a year costs at so much an invoice."""
        parts = _MONTHS if self.every == "month" else 1
        return Money(amount=amount.amount * parts, currency=amount.currency)

    def words(self) -> str:
        """It as people read it."""
        once = f" and once {shown(self.one_off)}" if self.one_off is not None else ""
        return f"{self.plan}, {shown(self.recurring)} a year{once}, {self.starts_on} to {self.ends_on}"


def over_from(last_day: date) -> datetime:
    """The first moment at which a term with that last day is over, UTC."""
    return datetime.combine(last_day + timedelta(days=1), time(), UTC)


def shown(money: Money) -> str:
    """An amount as people read it: ``12,000.00 EUR``."""
    return f"{money.amount:,.{minor_digits(money.currency)}f} {money.currency}"


def is_whole(amount: Decimal, currency: str) -> bool:
    """Whether an amount can be paid: it has no more digits than its currency."""
    return amount == round(amount, minor_digits(currency))


class ToldSubscription(Recorded):
    """What the billing tool told of a subscription."""

    subscription: str | None = None
    amount: Money | None = None
    """What it costs from then on, for each of its periods."""
    ends_on: date | None = None
    """The last day for which it is billed, where it is to end."""
