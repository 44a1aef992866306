"""Stripe: what is signed is billed, paid or not, and renewed; its clock goes with the deal's own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dealwright.deal import Money
from dealwright.entries import SubscriptionDecided
from dealwright.facts import ContractRenewed, DiscountRequested
from demo.all_tools.part import Life, Line, Part

RENEWED = 10_800
_TWO_TERMS = 2


async def _first_invoice(life: Life) -> None:
    await _subscriptions(life, 1)
    await pass_days_until(life, date.fromisoformat(life.noted["starts on"]))
    await life.hears("stripe", "invoice_paid")


async def _renewal(life: Life) -> None:
    renews = _year_after(date.fromisoformat(life.noted["starts on"]))
    await pass_days_until(life, renews - timedelta(days=30))
    await life.deal.complete("prepare_renewal", by="Sam Holt")
    await life.deal.tell(DiscountRequested(id="all-again", percent=Decimal(10), by="Sam Holt"))  # needs nobody's yes
    value = Money(amount=Decimal(RENEWED), currency="EUR")
    term: Any = {"starts_on": renews, "ends_on": _year_after(renews) - timedelta(days=1), "value": value}
    await life.deal.tell(ContractRenewed(id="all-renewed", term=2, by="Sam Holt", **term))
    await _subscriptions(life, _TWO_TERMS)


async def _unpaid_invoice(life: Life) -> None:
    renews = _year_after(date.fromisoformat(life.noted["starts on"]))
    await pass_days_until(life, renews, declined=True)
    await life.hears("stripe", "subscription_changed", "payment_failed")  # the first term's subscription is over
    await life.deal.see(lambda seen: any(one.name == "get_it_paid" for one in seen.open_tasks), "somebody is asked")
    unpaid = next(one for one in (await life.state("stripe"))["invoices"].values() if not one["paid"])
    await life.tool("stripe").change(do="pay", subscription=unpaid["subscription"])
    await life.hears("stripe", "invoice_paid")
    await life.deal.see(lambda seen: all(one.name != "get_it_paid" for one in seen.open_tasks), "nobody is asked now")


async def pass_days_until(life: Life, day: date, *, declined: bool = False) -> None:
    """Let time pass until noon of a day, here and in Stripe."""
    now = await life.deal.now()
    noon = datetime.combine(day, time(12), now.tzinfo)
    await life.deal.pass_time(noon - now)
    await life.tool("stripe").change(do="advance", to=noon.replace(tzinfo=None).isoformat(), declined=declined)


async def _subscriptions(life: Life, count: int) -> None:
    async def there() -> bool:
        return len((await life.state("stripe"))["subscriptions"]) >= count

    await life.until(f"{count} subscriptions", there)


async def _compare(life: Life) -> list[Line]:
    state, heard = await life.state("stripe"), await life.told_by("stripe")
    paid = [one["amount"] for one in state["invoices"].values() if one["paid"]]
    terms = [one.terms for one in await life.story() if isinstance(one, SubscriptionDecided) and one.terms]
    return [
        Line("subscriptions", len(await life.done("start_subscription")), len(state["subscriptions"])),
        Line("invoices that were paid", heard["invoice_paid"], len(paid)),
        Line("their amounts, in cents", [int(one.recurring.amount * 100) for one in terms], paid),
        Line("customers, one for the account", 1, len(state["customers"])),
    ]


def _year_after(day: date) -> date:
    return day.replace(year=day.year + 1)


STRIPE = Part(
    tool="stripe",
    does="billing",
    acts={"first invoice": _first_invoice, "renewal": _renewal, "unpaid invoice": _unpaid_invoice},
    compare=_compare,
    block={"plans": {"growth": {"product": "prod_growth"}}},
)
