"""Meteroid: the contract of the third deal is billed and paid there, and how much is used is read there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dealwright.entries import SubscriptionDecided
from demo.all_tools.part import Life, Line, Part, read_beside
from demo.all_tools.parts.salesforce import AMOUNT

_METRIC, _USED, _FULL = "bm_seats", 40, 50
_HEALTH = 100 * _USED // _FULL


async def _first_invoice(life: Life) -> None:
    async def started() -> bool:
        return bool(await life.done("start_subscription"))

    await life.until("the subscription was started", started)
    (subscription,) = await _subscriptions(life)
    await life.tool("meteroid").change(do="pay", subscription=subscription["id"], total=AMOUNT * 100)
    await life.hears("meteroid", "invoice_paid")


async def _usage(life: Life) -> None:
    (subscription,) = await _subscriptions(life)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    await life.tool("meteroid").change(
        do="use", subscription=subscription["id"], metric=_METRIC, value=_USED, on=yesterday
    )
    await read_beside(life.stack, "meteroid")
    await life.hears("meteroid", "usage_reported")


async def _subscriptions(life: Life) -> list[dict[str, Any]]:
    all_: Any = (await life.state("meteroid"))["subscriptions"].values()
    return [*all_]


async def _compare(life: Life) -> list[Line]:
    there = await _subscriptions(life)
    terms = [one.terms for one in await life.story() if isinstance(one, SubscriptionDecided) and one.terms]
    rates = [
        int(float(part["price_entry"]["pricing"]["rate"]))
        for one in there for part in one["told"]["price_components"]["overridden_components"]
    ]  # fmt: skip
    customers: Any = (await life.state("meteroid"))["customers"]
    return [
        Line("subscriptions", len(await life.done("start_subscription")), len(there)),
        Line("their amounts", [int(one.recurring.amount) for one in terms], rates),
        Line("customers, one for the account", 1, len(customers)),
        Line("health, by usage", (await life.deal.snapshot()).health, _HEALTH),
    ]


METEROID = Part(
    tool="meteroid",
    does="billing",
    acts={"first invoice": _first_invoice, "usage": _usage},
    compare=_compare,
    deal="third",
    read_before=False,
    block={
        "plans": {"growth": {"plan": "plan_growth", "component": "price_growth"}},
        "usage": {"meter": _METRIC, "full": _FULL, "days": 30},
    },
)
