"""A flood of facts to one deal: nothing is lost or doubled, and the worker takes it in and can be stopped."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import httpx2
import pytest
from temporalio.service import RPCError

from dealwright.client.errors import TemporalAway
from dealwright.facts import NoteAdded
from local.server.ports import free_ports
from local.server.server import LocalServer
from store import intake
from store.intake import IntakeState
from tests.faults.facts_taken import facts_taken
from tests.faults.processes import Forked
from tests.faults.world import World, a_database, a_world
from tests.gateway.signed_requests import HUBSPOT_SECRET, as_body, created, hubspot_event, hubspot_headers
from tests.simulators.mailbox_server import MailServer
from tests.temporal_environment import wait_until

pytestmark = pytest.mark.server

FLOOD = 10_000
"""As many signals as the server takes for one run; the opening of the deal is none."""
BY_WEBHOOK = 1_000
"""Fewer, since each of them is kept in the intake and passed on."""
_AT_A_TIME = 100


@pytest.fixture
async def world(temporal_server: LocalServer, tmp_path: Path) -> AsyncIterator[World]:
    async with (
        MailServer(tmp_path / "mail.jsonl") as mail,
        a_world(temporal_server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world,
    ):
        yield world


async def tell(world: World, deal_id: str, numbers: Iterable[int]) -> None:
    """Tell a deal many facts, each one until the server takes it."""
    turn = asyncio.Semaphore(_AT_A_TIME)

    async def one(number: int) -> None:
        fact = NoteAdded(id=f"note-{number}", text="Somebody wrote something down").model_dump(mode="json")
        async with turn:
            while True:
                try:
                    await world.run_of(deal_id).signal("note_added", fact)
                except RPCError:
                    await asyncio.sleep(1)  # the run has all that it may have: it continues as new, if it is let
                    continue
                return

    await asyncio.gather(*map(one, numbers))


async def all_are_there(world: World, deal_id: str, count: int) -> bool:
    """Whether the deal has taken so many facts: what an earlier run took may still be on its way to the journal."""
    try:
        return len(await facts_taken(world, deal_id)) >= count
    except TemporalAway:  # in the midst of the flood a command may find the deal between two runs for long
        return False


async def test_a_flood_that_came_while_no_worker_was_there_is_taken_in_once_and_workers_end_in_time(
    world: World,
) -> None:
    deal_id = await world.open()
    await tell(world, deal_id, range(FLOOD))
    async with world.worker(DEALWRIGHT_DRAIN_SECONDS="1") as in_the_middle:
        await world.see(deal_id, lambda seen: seen.stage is not None)
        assert await seconds_to_end(in_the_middle) < 1 + 10
    async with world.worker(DEALWRIGHT_DRAIN_SECONDS="1") as worker:
        await wait_until(lambda: all_are_there(world, deal_id, FLOOD), 300)
        assert await facts_taken(world, deal_id) == {f"note-{number}": 1 for number in range(FLOOD)}
        assert await seconds_to_end(worker) < 1 + 10
        assert await worker.ended() == 0


async def test_a_flood_beyond_what_one_run_takes_is_taken_in_once_while_the_worker_works(world: World) -> None:
    deal_id = await world.open()
    await tell(world, deal_id, range(FLOOD - 1_000))
    async with world.worker() as worker:
        await tell(world, deal_id, range(FLOOD - 1_000, FLOOD + 1_000))
        await wait_until(lambda: all_are_there(world, deal_id, FLOOD + 1_000), 300)
        assert await facts_taken(world, deal_id) == {f"note-{number}": 1 for number in range(FLOOD + 1_000)}
        assert worker.alive


async def test_a_flood_by_webhook_is_taken_in_once_whether_a_worker_is_there_or_not(world: World) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environment = {
        "DEALWRIGHT_GATEWAY_PORT": str(port), "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
        "DEALWRIGHT_PUBLIC_URL": url, "DEALWRIGHT_WEBHOOK_SECRETS": json.dumps({"hubspot": [HUBSPOT_SECRET]}),
        "DEALWRIGHT_WEBHOOK_SETTINGS": json.dumps({"hubspot": {"playbook": "letters"}}),
    }  # fmt: skip
    deal_id = "hubspot-62515-9001"
    async with world.gateway(**environment) as gateway, httpx2.AsyncClient(base_url=url, timeout=60) as web:
        await gateway.until(lambda: answers(web))
        await deliver(web, [created(BY_WEBHOOK + 1)])
        await deliver(web, [hubspot_event(number, propertyName=f"p{number}") for number in range(BY_WEBHOOK // 2)])
        async with world.worker(DEALWRIGHT_DRAIN_SECONDS="1") as worker:
            await deliver(
                web, [hubspot_event(number, propertyName=f"p{number}") for number in range(BY_WEBHOOK // 2, BY_WEBHOOK)]
            )

            async def all_passed_on() -> bool:
                return await intake.counts(world.store) == {IntakeState.DISPATCHED: BY_WEBHOOK + 1}

            await wait_until(all_passed_on, 300)
            await wait_until(lambda: all_are_there(world, deal_id, BY_WEBHOOK))
            assert set((await facts_taken(world, deal_id)).values()) == {1}
            assert await seconds_to_end(worker) < 1 + 10


async def deliver(web: httpx2.AsyncClient, events: list[dict[str, object]]) -> None:
    """Deliver events as HubSpot does, a hundred at most in a request."""
    url = str(web.base_url).rstrip("/") + "/webhooks/hubspot"
    for start in range(0, len(events), 100):
        body = as_body(events[start : start + 100])
        answer = await web.post("/webhooks/hubspot", content=body, headers=hubspot_headers(url, body))
        assert answer.status_code == 202


async def answers(web: httpx2.AsyncClient) -> bool:
    try:
        return (await web.get("/healthz", timeout=10)).is_success
    except httpx2.TransportError:
        return False


async def seconds_to_end(worker: Forked) -> float:
    """How long a worker that is told to end takes for it."""
    told = time.monotonic()
    worker.terminate()
    await worker.ended()
    return time.monotonic() - told
