"""SIGTERM: a worker finishes what it is doing within the time that is set, and then ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dealwright.facts import LeadQualified
from local.server.server import LocalServer
from store.ledger import LedgerState
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import Behaviour, MailServer

pytestmark = pytest.mark.server


@pytest.fixture
async def world(temporal_server: LocalServer, tmp_path: Path) -> AsyncIterator[World]:
    async with (
        MailServer(tmp_path / "mail.jsonl") as mail,
        a_world(temporal_server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world,
    ):
        yield world


async def test_a_message_under_way_is_finished_and_recorded_before_the_worker_ends(world: World) -> None:
    deal_id = await world.open()
    first = f"{deal_id}/cadence/1/1/1"
    await world.mail.behave(Behaviour.KEEP_AND_WAIT)
    async with world.worker(DEALWRIGHT_DRAIN_SECONDS="8") as worker:
        await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
        await world.mail.has_kept(1)
        worker.terminate()
        await world.mail.behave(Behaviour.ACCEPT)
        assert await worker.ended() == 0
    assert (await world.emails(deal_id))[first].state is LedgerState.RECORDED
    async with world.worker():
        assert (await world.settled(deal_id, first)).status == "done"
        assert (await world.deals.snapshot(deal_id)).uncertain_touches == ()
    assert [letter.effect for letter in world.letters(deal_id)] == [first]
