"""What time does to an account: invoices are written, paid or not, and subscriptions end.

``POST /_simulator/change`` with ``{"do": "advance", "to": "2027-05-01"}`` puts the clock forward, as a test clock does
(https://docs.stripe.com/billing/testing/test-clocks); with ``"declined": true`` no invoice is paid meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from integrations.stripe.simulator.account import Account, Invoice, JsonObject, Subscription, TestClock, new_id

Tell = Callable[[str, JsonObject, JsonObject | None, str | None], None]
_MONTHS = {"month": 1, "year": 12}


class Books:
    """The invoices of an account."""

    def __init__(self, account: Account, tell: Tell) -> None:
        self._account, self._tell = account, tell

    def advance(self, to: int, *, declined: bool = False, clock: TestClock | None = None) -> None:
        """Put the account's clock forward, or a test clock, and let everything happen on the way, in its order."""
        while (due := self._next_due(to, clock)) is not None:
            at, there = due
            self._set(at, clock)
            if there.cancel_at is not None and there.cancel_at <= at:
                there.status, there.canceled_at = "canceled", at
                self._tell("customer.subscription.deleted", there.shown(), None, None)
            else:
                self._next_period(there, declined=declined)
        self._set(to, clock)

    def on(self, clock: TestClock | None) -> list[Subscription]:
        """The subscriptions whose customers live by a test clock, or by the account's own."""
        wanted = clock.id if clock else None
        lives_by = {id_: one.test_clock for id_, one in self._account.customers.items()}
        return [one for one in self._account.subscriptions.values() if lives_by.get(one.customer) == wanted]

    def now(self, customer: str) -> int | None:
        """The time that a customer lives by, in seconds; None for the time that it is."""
        there = self._account.customers.get(customer)
        if there is not None and there.test_clock is not None:
            return self._account.test_clocks[there.test_clock].frozen_time
        return self._account.clock or None

    def pay(self, there: Invoice) -> None:
        """Have an invoice paid."""
        there.paid, there.attempts = True, there.attempts + 1
        self._tell("invoice.paid", there.shown(), None, None)

    def _set(self, at: int, clock: TestClock | None) -> None:
        if clock is None:
            self._account.clock = at
        else:
            clock.frozen_time = at

    def bill(self, there: Subscription, reason: str, *, periods: int = 1, declined: bool = False) -> None:
        """Write an invoice, and have it paid."""
        once, there.one_off = there.one_off, 0
        amount = there.unit_amount * there.quantity * periods + once
        made = Invoice(
            id=new_id("in"), subscription=there.id, customer=there.customer, email=there.email, amount=amount,
            currency=there.currency, billing_reason=reason, created=self.now(there.customer) or there.created,
            metadata={**there.metadata}, paid=not declined, attempts=1, period_start=there.period_start,
            period_end=there.period_end,
        )  # fmt: skip
        self._account.invoices[made.id] = made
        self._tell("invoice.payment_failed" if declined else "invoice.paid", made.shown(), None, None)

    def periods_between(self, start: int, end: int, interval: str) -> int:
        """How many whole periods lie between two moments."""
        first, last = _moment(start), _moment(end)
        months = (last.year - first.year) * 12 + last.month - first.month
        return months // _MONTHS[interval]

    def _next_due(self, to: int, clock: TestClock | None) -> tuple[int, Subscription] | None:
        open_ones = [one for one in self.on(clock) if one.sends_invoices and _runs(one)]
        due = [(min(one.period_end, one.cancel_at or one.period_end), one) for one in open_ones]
        return min((one for one in due if one[0] <= to), key=lambda one: one[0], default=None)

    def _next_period(self, there: Subscription, *, declined: bool) -> None:
        before = there.shown()
        there.period_start, there.period_end = there.period_end, _later(there.period_end, _MONTHS[there.interval])
        after = there.shown()
        changed = {name: value for name, value in before.items() if after[name] != value}
        self._tell("customer.subscription.updated", after, changed, None)
        self.bill(there, "subscription_cycle", declined=declined)


def _runs(one: Subscription) -> bool:
    return one.status not in {"canceled", "incomplete"}


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _later(seconds: int, months: int) -> int:
    """So many months later; a day that the month does not have is its last one."""
    at = _moment(seconds)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    first = at.replace(year=year, month=month + 1, day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return int(first.replace(day=min(at.day, last.day)).timestamp())
