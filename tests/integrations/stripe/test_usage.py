"""Usage by Stripe's meters, read beside its events, as the deal hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.kit.polling import Polled
from integrations.kit.simulator.process import RunningSimulator
from integrations.stripe.polling import StripePolling
from integrations.stripe.settings import StripeConnection
from store import intake
from store.database import Store
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
async def stripe() -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.stripe.simulator") as running:
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


def polling(stripe: RunningSimulator, store: Store, meter: str) -> StripePolling:
    usage = {"meter": meter, "full": 80}
    connection = {"key": SecretStr("rk_test_local"), "base_url": stripe.url, "usage": usage}
    return StripePolling(StripeConnection.model_validate(connection), store, lambda: NOW)


async def second_poll(made: StripePolling) -> Polled:
    """The poll after the first one, which only says from when on."""
    try:
        return await made.poll((await made.poll(None)).cursor)
    finally:
        await made.close()


async def a_subscription(stripe: RunningSimulator, store: Store) -> str:
    sub: Any = await stripe.change(do="subscribe")
    await intake.link(store, "stripe", f"subscription:{sub['id']}", "acme")
    return str(sub["id"])


async def use(stripe: RunningSimulator, subscription: str, value: int, ago: timedelta) -> None:
    at = int((NOW - ago).timestamp())
    await stripe.change(do="use", meter="mtr_seats", subscription=subscription, value=value, at=at)


async def test_what_was_used_in_the_last_days_is_told_as_health_to_the_subscriptions_deal(
    stripe: RunningSimulator, store: Store
) -> None:
    subscription = await a_subscription(stripe, store)
    await use(stripe, subscription, 40, timedelta(days=3))
    await use(stripe, subscription, 12, timedelta(days=29))
    await use(stripe, subscription, 500, timedelta(days=40))
    await use(stripe, subscription, 500, timedelta(0))  # today is not over

    polled = await second_poll(polling(stripe, store, "mtr_seats"))

    (event,) = [one for one in polled.events if one.fact == "usage_reported"]
    assert (event.payload["health"], event.deal_ref) == (65, f"subscription:{subscription}")


async def test_a_subscription_that_has_ended_says_nothing(stripe: RunningSimulator, store: Store) -> None:
    subscription = await a_subscription(stripe, store)
    await use(stripe, subscription, 40, timedelta(days=3))
    await stripe.change(do="end", subscription=subscription)

    polled = await second_poll(polling(stripe, store, "mtr_seats"))

    assert [one.fact for one in polled.events if one.fact == "usage_reported"] == []


async def test_a_meter_that_stripe_does_not_have_is_found_and_stops_nothing_else(
    stripe: RunningSimulator, store: Store
) -> None:
    await a_subscription(stripe, store)
    wrong = polling(stripe, store, "mtr_wrong")
    found = await wrong.health()
    polled = await second_poll(wrong)

    assert [(one.about, one.level) for one in found if one.level == "problem"] == [("usage", "problem")]
    assert [one.fact for one in polled.events if one.fact == "usage_reported"] == []
