"""What customers and people in Stripe do, for ``POST /_simulator/change``.

``{"do": "subscribe", "email": "…", "unit_amount": 4900, "currency": "eur", "interval": "month", "quantity": 3,
"metadata": {"dealwright_deal": "acme-2026"}}`` (the first invoice is paid, unless ``"declined": true``), and with
``subscription`` (its id): ``change`` (``unit_amount``, ``quantity``, ``interval``), ``pause``, ``resume``, ``cancel``
(at the end of its period; ``comment``), ``keep``, ``end`` (at once), ``renew`` (its next period begins, as when a test
clock is put forward), ``pay`` (its last invoice). A change answers with the subscription.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.simulator import BadChange
from integrations.stripe.simulator.account import MONTH, YEAR, Account, Invoice, JsonObject, Subscription, new_id

Tell = Callable[[str, JsonObject, JsonObject | None], None]


class People:
    """Whoever changes something. ``tell`` gets an event's type, its object, and of updates what it was before."""

    def __init__(self, account: Account, now: Callable[[], datetime], tell: Tell) -> None:
        self._account, self._now, self._tell = account, now, tell

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the subscription.

        Raises:
            BadChange: nobody can do that.
        """
        actions = {
            "change": self._change, "pause": self._pause, "resume": self._resume, "cancel": self._cancel,
            "keep": self._keep, "end": self._end, "renew": self._renew, "pay": self._pay,
        }  # fmt: skip
        wanted = str(change.get("do"))
        if wanted == "subscribe":
            return self._subscribe(change).shown()
        if wanted not in actions:
            raise BadChange(f"do is one of {', '.join(['subscribe', *actions])}")
        there = self._account.subscriptions.get(str(change.get("subscription")))
        if there is None or there.status == "canceled":
            raise BadChange("there is no such subscription, or it has ended")
        actions[wanted](there, change)
        return there.shown()

    def _subscribe(self, change: JsonObject) -> Subscription:
        now, interval = int(self._now().timestamp()), str(change.get("interval", "month"))
        if interval not in {"month", "year"}:
            raise BadChange("interval is month or year")
        marks = change.get("metadata")
        made = Subscription(
            id=new_id("sub"), item=new_id("si"), customer=new_id("cus"),
            email=str(change.get("email", "ana@buyer.example")), unit_amount=_whole(change, "unit_amount", 4900),
            currency=str(change.get("currency", "eur")), interval=interval, quantity=_whole(change, "quantity", 1),
            created=now, period_start=now, period_end=now + (MONTH if interval == "month" else YEAR),
            metadata={key: str(value) for key, value in marks.items()} if isinstance(marks, dict) else {},
        )  # fmt: skip
        declined = change.get("declined") is True
        made.status = "incomplete" if declined else "active"
        self._account.subscriptions[made.id] = made
        self._tell("customer.subscription.created", made.shown(), None)
        self._bill(made, "subscription_create", declined=declined)
        return made

    def _change(self, there: Subscription, change: JsonObject) -> None:
        before = there.shown()
        there.unit_amount = _whole(change, "unit_amount", there.unit_amount)
        there.quantity = _whole(change, "quantity", there.quantity)
        there.interval = str(change.get("interval", there.interval))
        self._updated(there, before)

    def _pause(self, there: Subscription, _: JsonObject) -> None:
        before, there.paused = there.shown(), True
        self._updated(there, before)

    def _resume(self, there: Subscription, _: JsonObject) -> None:
        before, there.paused = there.shown(), False
        self._updated(there, before)

    def _cancel(self, there: Subscription, change: JsonObject) -> None:
        before = there.shown()
        there.cancel_at_period_end, there.canceled_at = True, int(self._now().timestamp())
        there.comment = str(change["comment"]) if "comment" in change else None
        self._updated(there, before)

    def _keep(self, there: Subscription, _: JsonObject) -> None:
        before = there.shown()
        there.cancel_at_period_end, there.canceled_at, there.comment = False, None, None
        self._updated(there, before)

    def _end(self, there: Subscription, change: JsonObject) -> None:
        there.status, there.canceled_at = "canceled", int(self._now().timestamp())
        there.comment = str(change["comment"]) if "comment" in change else there.comment
        self._tell("customer.subscription.deleted", there.shown(), None)

    def _renew(self, there: Subscription, change: JsonObject) -> None:
        if there.cancel_at_period_end:
            self._end(there, change)
            return
        before, length = there.shown(), there.period_end - there.period_start
        there.period_start, there.period_end = there.period_end, there.period_end + length
        self._updated(there, before)
        self._bill(there, "subscription_cycle", declined=change.get("declined") is True)

    def _pay(self, there: Subscription, _: JsonObject) -> None:
        unpaid = [one for one in self._account.invoices.values() if one.subscription == there.id and not one.paid]
        if not unpaid:
            raise BadChange("all its invoices are paid")
        last = unpaid[-1]
        last.paid, last.attempts = True, last.attempts + 1
        self._tell("invoice.paid", last.shown(), None)
        if there.status != "active":
            before, there.status = there.shown(), "active"
            self._updated(there, before)

    def _bill(self, there: Subscription, reason: str, *, declined: bool) -> None:
        made = Invoice(
            id=new_id("in"), subscription=there.id, customer=there.customer, email=there.email,
            amount=there.unit_amount * there.quantity, currency=there.currency, billing_reason=reason,
            created=int(self._now().timestamp()), metadata={**there.metadata}, paid=not declined, attempts=1,
            period_start=there.period_start, period_end=there.period_end,
        )  # fmt: skip
        self._account.invoices[made.id] = made
        self._tell("invoice.payment_failed" if declined else "invoice.paid", made.shown(), None)
        if declined and there.status == "active":
            before, there.status = there.shown(), "past_due"
            self._updated(there, before)

    def _updated(self, there: Subscription, before: JsonObject) -> None:
        after = there.shown()
        changed = {name: value for name, value in before.items() if after[name] != value}
        if changed:
            self._tell("customer.subscription.updated", after, changed)


def _whole(change: JsonObject, name: str, otherwise: int) -> int:
    value = change.get(name, otherwise)
    if not isinstance(value, int) or value < 0:
        raise BadChange(f"{name} is a whole number")
    return value
