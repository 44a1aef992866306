"""Events for many deals, some twice, in any order, while Temporal is away and the gateway is killed, once in that time.

``DEALWRIGHT_EVENTS=20000`` sends so many.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import httpx2
import pytest

from dealwright.decision import SEARCH_ATTRIBUTES
from local.server.plan import ServerPlan
from local.server.ports import free_ports
from local.server.server import LocalServer
from store import intake
from store.intake import IntakeState
from tests.faults.facts_taken import facts_taken
from tests.faults.world import World, a_database, a_world
from tests.gateway.signed_requests import HUBSPOT_SECRET, as_body, created, hubspot_event, hubspot_headers
from tests.simulators.mailbox_server import MailServer
from tests.temporal_environment import wait_until

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

EVENTS = int(os.environ.get("DEALWRIGHT_EVENTS", "300"))
DEALS = max(10, EVENTS // 100)
_AT_ONCE = 16
_LARGEST_BATCH = 40


@pytest.fixture
async def mortal_server(tmp_path: Path) -> AsyncIterator[LocalServer]:
    """A server of this test's own, to be killed."""
    plan = ServerPlan(directory=tmp_path / "mortal", search_attributes=SEARCH_ATTRIBUTES, ui=False, own=True)
    async with LocalServer.start(plan) as server:
        yield server


async def test_each_fact_is_at_its_deal_once(mortal_server: LocalServer, mail: MailServer, tmp_path: Path) -> None:
    everything = batches(random.Random(2026))
    sixth = len(everything) // 6
    async with (
        a_world(mortal_server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world,
        MortalGateway(world) as gateway,
        world.worker(),
    ):
        await gateway.deliver(everything[:sixth], kill=True)
        await gateway.deliver(everything[sixth : 2 * sixth])
        await mortal_server.kill()
        await gateway.deliver(everything[2 * sixth : 4 * sixth], kill=True)
        assert (await intake.counts(world.store))[IntakeState.WAITING] > 0
        await mortal_server.restart()
        await gateway.deliver(everything[4 * sixth :])

        async def all_passed_on() -> bool:
            return await intake.counts(world.store) == {IntakeState.DISPATCHED: EVENTS + DEALS}

        await wait_until(all_passed_on, 1800)
        for first in range(0, DEALS, _AT_ONCE):
            some = range(first, min(first + _AT_ONCE, DEALS))
            taken = await asyncio.gather(*(facts_taken(world, f"hubspot-62515-{number}") for number in some))
            assert {times for facts in taken for times in facts.values()} == {1}
            assert [len(facts) for facts in taken] == [len(range(number, EVENTS, DEALS)) for number in some]


def batches(lot: random.Random) -> list[bytes]:
    """The creation of all deals and all facts, one in ten of them twice, in any order, as HubSpot sends them."""
    events = [created(EVENTS + number, objectId=number) for number in range(DEALS)]
    events += [hubspot_event(n, objectId=n % DEALS, propertyName=f"p{n}") for n in range(EVENTS)]
    events += [event | {"attemptNumber": 1} for event in lot.sample(events, len(events) // 10)]
    lot.shuffle(events)
    found = []
    while events:
        size = lot.randint(1, _LARGEST_BATCH)
        found.append(as_body(events[:size]))
        del events[:size]
    return found


class MortalGateway:
    """A gateway that is killed amid what it is sent, and started anew. The source sends again until it hears a 202."""

    def __init__(self, world: World) -> None:
        (port,) = free_ports(1)
        self._environment = {
            "DEALWRIGHT_GATEWAY_PORT": str(port), "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
            "DEALWRIGHT_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DEALWRIGHT_WEBHOOK_SECRETS": json.dumps({"hubspot": [HUBSPOT_SECRET]}),
            "DEALWRIGHT_WEBHOOK_SETTINGS": json.dumps({"hubspot": {"playbook": "letters"}}),
            "DEALWRIGHT_RATE_PER_SOURCE": "0",
        }  # fmt: skip
        self._world, self._processes = world, AsyncExitStack()
        self._web = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._web.aclose()
        await self._processes.aclose()

    async def deliver(self, bodies: Sequence[bytes], *, kill: bool = False) -> None:
        """Send batches until each is taken; in the middle of it, kill the gateway and start another one."""
        sending = [asyncio.create_task(self._send(body)) for body in bodies]
        if kill:
            await sending[len(sending) // 2]
            self._process.kill()
            await self._process.ended()
            await self._start()
        await asyncio.gather(*sending)

    async def _start(self) -> None:
        self._process = await self._processes.enter_async_context(self._world.gateway(**self._environment))

        async def answers() -> bool:
            try:
                return (await self._web.get("/healthz")).is_success
            except httpx2.TransportError:
                return False

        await self._process.until(answers)

    async def _send(self, body: bytes) -> None:
        async with self._turn:
            await wait_until(lambda: self._is_taken(body))

    async def _is_taken(self, body: bytes) -> bool:
        headers = hubspot_headers(f"{self._environment['DEALWRIGHT_PUBLIC_URL']}/webhooks/hubspot", body)
        try:
            answer = await self._web.post("/webhooks/hubspot", content=body, headers=headers)
        except httpx2.TransportError:
            return False
        return answer.status_code == 202
