"""Contracts that are billed in Meteroid, while it misbehaves and our processes are killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from store import ledger
from store.ledger import LedgerState
from tests.faults.meteroid_world import MeteroidWorld, last_day
from tests.faults.misbehaviour import FAULTS, IN_TOOL_LIVES, Turn, whatever_fails
from tests.faults.tool_world import a_tool_world
from tests.faults.world import World

pytestmark = IN_TOOL_LIVES
NEXT_MONTH = (date.today().replace(day=1) + timedelta(days=32)).replace(day=1)  # noqa: DTZ011 - any month soon


@pytest.fixture
async def meteroid(own_world: World, tmp_path: Path) -> AsyncIterator[MeteroidWorld]:
    """An installation with its worker and gateway, that bills in a Meteroid tenant of its own."""
    async with a_tool_world(MeteroidWorld, own_world, tmp_path, "meteroid") as lived:
        yield lived


async def test_whatever_fails_each_contract_is_billed_once_and_as_far_as_meteroid_takes_it(
    meteroid: MeteroidWorld,
) -> None:
    async def bill(turn: Turn) -> str:
        """Signed, made shorter, and paid while nobody hears it."""
        deal = await meteroid.begin(turn.number)
        await meteroid.sign(deal, NEXT_MONTH, 9600)
        await meteroid.kill(turn.first)  # while the subscription is started
        subscription = await meteroid.subscription(deal)
        await meteroid.shorten(deal, NEXT_MONTH)
        await meteroid.kill(turn.then)  # while it is changed
        await meteroid.is_shortened(deal)
        async with meteroid.gateway_away():
            await meteroid.simulator.change(do="pay", subscription=subscription["id"], total=80_000)
        return deal

    deals = await whatever_fails(meteroid, bill)
    for deal in deals:
        await meteroid.sign(deal, NEXT_MONTH, 12_000, months=6)  # which Meteroid changes for nobody
        await meteroid.see(deal, "a refusal", lambda seen: bool(seen.attention))
        await meteroid.sign(deal, NEXT_MONTH, 9600, months=6)  # it stays as it was
    await meteroid.quiet()

    assert await meteroid.not_told() == {}
    assert await meteroid.under_way() == {}
    for deal, fault in zip(deals, FAULTS, strict=True):
        await _books_agree(meteroid, deal, paid=0 if "drop" in fault else 1)  # else it is read a day later


async def _books_agree(meteroid: MeteroidWorld, deal: str, *, paid: int) -> None:
    (one,) = await meteroid.subscriptions(deal)
    rows = await ledger.of_deal(meteroid.world.store, deal)
    assert (one["status"], one["cancelled_from"]) == ("ACTIVE", str(last_day(NEXT_MONTH, 6) + timedelta(days=1)))
    assert one["told"]["price_components"]["overridden_components"][0]["price_entry"]["pricing"]["rate"] == "800"
    assert LedgerState.UNCERTAIN not in {row.state for row in rows}
    became = sorted((row.kind, row.result.status) for row in rows if row.result and "subscription" in row.kind)
    assert became == [
        ("change_subscription", "done"), ("change_subscription", "failed"), ("start_subscription", "done"),
    ]  # fmt: skip
    assert len(await meteroid.facts(deal, "invoice_paid")) == paid
