"""The gateway is killed with SIGKILL between taking events in and passing them on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from dealwright.commands import Acknowledge
from dealwright.entries import FactTaken
from local.server.ports import free_ports
from local.server.server import LocalServer
from store import intake
from store.intake import IntakeState
from tests.faults.world import World, a_database, a_world
from tests.gateway.signed_requests import STANDARD_SECRET, as_body, standard_headers
from tests.simulators.mailbox_server import MailServer

pytestmark = pytest.mark.server

EVENTS = 60


@pytest.fixture
async def world(temporal_server: LocalServer, mail: MailServer, tmp_path: Path) -> AsyncIterator[World]:
    async with (
        a_world(temporal_server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world,
        world.worker(),
    ):
        yield world


async def test_what_was_taken_in_reaches_the_deal_once(world: World) -> None:
    deal_id = await world.open()
    (port,) = free_ports(1)
    environment = {
        "DEALWRIGHT_GATEWAY_PORT": str(port), "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
        "DEALWRIGHT_WEBHOOK_SECRETS": json.dumps({"standard": [STANDARD_SECRET]}),
    }  # fmt: skip

    async with (
        world.gateway(**environment) as gateway,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as web,
    ):
        await gateway.until(lambda: answers(web))
        for number in range(EVENTS):
            body = as_body({"type": "note_added", "data": {"deal_id": deal_id, "text": f"note {number}"}})
            answer = await web.post(
                "/webhooks/standard", content=body, headers=standard_headers(f"m{number}", body), timeout=60
            )
            assert answer.status_code == 202
        gateway.kill()
        await gateway.ended()
    left = await intake.counts(world.store)
    assert sum(left.values()) == EVENTS
    async with world.gateway(**environment) as gateway:

        async def all_passed_on() -> bool:
            return await intake.counts(world.store) == {IntakeState.DISPATCHED: EVENTS}

        await gateway.until(all_passed_on)
    await world.deals.command(deal_id, Acknowledge(by="Ana", why="decides on all before it", point="nothing"))
    notes = [entry.note for entry in await world.deals.story(deal_id) if isinstance(entry, FactTaken)]
    assert notes == [f"note {number}" for number in range(EVENTS)]


async def answers(web: httpx2.AsyncClient) -> bool:
    try:
        return (await web.get("/healthz", timeout=10)).is_success
    except httpx2.TransportError:
        return False
