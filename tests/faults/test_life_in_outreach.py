"""Deals whose contacts go through a sequence of Outreach, by the installation's own gateway and worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dealwright.facts import ReplyReceived
from store import ledger
from store.ledger import LedgerState
from tests.faults.cadence_world import OutreachWorld
from tests.faults.tool_world import a_tool_world
from tests.faults.world import World

pytestmark = pytest.mark.server


@pytest.fixture
async def outreach(own_world: World, tmp_path: Path) -> AsyncIterator[OutreachWorld]:
    """An installation with its worker and gateway, connected to an Outreach organization of its own."""
    async with a_tool_world(OutreachWorld, own_world, tmp_path, "outreach") as lived:
        yield lived


async def test_a_contact_is_enrolled_once_their_reply_comes_back_and_both_sides_agree(outreach: OutreachWorld) -> None:
    await _subscribed(outreach)
    await outreach.simulator.switch(retry_after=0.1, only="POST /api/v2/sequenceStates$", lose_response=1)
    replies = await outreach.begin()
    enrolled = await outreach.state(replies)
    await outreach.simulator.switch(only="")

    await outreach.simulator.change(do="advance", state=enrolled["id"])
    await outreach.passed_on("enrolment_advanced")
    await outreach.kill("worker")
    outreach.gateway.kill()
    await outreach.gateway.ended()
    await outreach.simulator.change(do="reply", state=enrolled["id"])
    await outreach.until("the loss of what nobody took", lambda: _lost(outreach))
    await outreach.start("gateway")
    await outreach.ends(replies, "replied", reading=True)
    await outreach.has(replies, "reply_received")

    stopped = await outreach.begin()
    there = await outreach.state(stopped)
    await outreach.quiet()
    await outreach.simulator.switch(only="/actions/finish$", lose_response=1)
    await outreach.world.deals.record(stopped, ReplyReceived(id="r-1", sentiment="interested"))
    await outreach.ends(stopped, "called_off")

    async def taken_out() -> bool:
        return [one["state"] for one in await outreach.states(stopped)] == ["finished"]

    await outreach.until("the contact taken out", taken_out)
    await outreach.read_once_more("GET /api/v2/mailings$")
    await outreach.quiet()

    await _both_sides_agree(outreach, {replies: enrolled["id"], stopped: there["id"]})
    assert await outreach.over(stopped) == ["called_off"]
    assert len(await outreach.facts(stopped, "enrolment_ended")) == 0
    assert len(await outreach.facts(replies, "reply_received")) == 1
    assert len(await outreach.facts(replies, "enrolment_advanced")) == 1


async def _subscribed(outreach: OutreachWorld) -> None:
    """Wait until Outreach tells of what changes, and is read from here on."""

    async def all_there() -> bool:
        held: Any = await outreach.simulator.state()
        return len(held["webhooks"]) == 5

    await outreach.look_now("outreach")
    await outreach.until("webhooks", all_there)
    await outreach.quiet()


async def _lost(outreach: OutreachWorld) -> bool:
    sent = await outreach.simulator.webhooks()
    return sent.waiting == 0 and len(sent.lost) == 2


async def _both_sides_agree(outreach: OutreachWorld, states: dict[str, int]) -> None:
    """One sequence state for each deal, of which none is under way, and nothing that anybody has to look into."""
    held: Any = await outreach.simulator.state()
    assert sorted(held["states"]) == sorted(str(one) for one in states.values())
    assert {one["state"] for one in held["states"].values()} == {"finished"}
    assert sorted(one["finishes"] for one in held["states"].values()) == [0, 1]
    counts = await ledger.counts(outreach.world.store)
    assert {state for kind, state in counts if kind in {"enrol_contact", "stop_enrolment"}} == {LedgerState.RECORDED}
    assert await outreach.not_told() == {}
