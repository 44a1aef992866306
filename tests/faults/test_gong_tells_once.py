"""A recorded call reaches its deal once, by the installation's own gateway and worker, whichever way it came first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dealwright.entries import SuggestionMade
from store import intake
from tests.faults.tool_world import ToolWorld, a_tool_world
from tests.faults.world import World

pytestmark = pytest.mark.server
RECORD = "9001"
"""The deal's record in the CRM."""


@pytest.fixture
async def gong(own_world: World, tmp_path: Path) -> AsyncIterator[ToolWorld]:
    """An installation with its worker and gateway, connected to a Gong account of its own."""
    async with a_tool_world(ToolWorld, own_world, tmp_path, "gong") as lived:
        yield lived


async def record(gong: ToolWorld, title: str, step: str) -> None:
    """Somebody records a call, of which Gong works out an action item; its webhook waits."""
    await gong.simulator.switch(hold=True)
    about = {"system": "HubSpot", "deals": [RECORD], "emails": ["ana@buyer.example"], "minutes_ago": 0}
    await gong.simulator.change(do="record", title=title, steps=[step], **about)


async def send_webhooks_twice(gong: ToolWorld) -> None:
    await gong.simulator.switch(duplicate=-1)
    await gong.simulator.deliver()
    await gong.simulator.switch(hold=False)
    await gong.until("the end of all webhooks", gong.nothing_is_sent)


async def read_beside_webhooks(gong: ToolWorld) -> None:
    before = len(await gong.simulator.calls("/v2/calls"))
    await gong.look_now("gong")

    async def was_read() -> bool:
        return len(await gong.simulator.calls("/v2/calls")) > before

    await gong.until("a reading", was_read)


async def test_a_call_by_webhook_twice_and_by_reading_in_either_order_reaches_its_deal_once(gong: ToolWorld) -> None:
    deal_id = await gong.world.open()
    await intake.link(gong.world.store, "hubspot", f"deal:{RECORD}", deal_id)

    async def conversations() -> int:
        return len(await gong.facts(deal_id, "conversation_recorded"))

    async def has(number: int) -> bool:
        return await conversations() == number

    await read_beside_webhooks(gong)  # calls of before the first reading are told to nobody
    await gong.quiet()
    await record(gong, "Read first", "Send the price list")
    await read_beside_webhooks(gong)
    await gong.until("the call that was read", lambda: has(1))
    await send_webhooks_twice(gong)
    await gong.quiet()
    await record(gong, "Told first", "Book a room")
    await send_webhooks_twice(gong)
    await gong.until("the call that was told", lambda: has(2))
    await read_beside_webhooks(gong)
    await gong.quiet()

    assert [one.status for one in (await gong.simulator.webhooks()).attempts] == [202] * 4
    assert await conversations() == 2
    suggested = await gong.facts(deal_id, "next_step_suggested")
    assert len(suggested) == 2
    story = await gong.world.deals.story(deal_id)
    assert [one.text for one in story if isinstance(one, SuggestionMade)] == ["Send the price list", "Book a room"]
    assert await gong.not_told() == {}
