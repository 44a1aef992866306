"""Events for many deals, some twice, in any order, while Temporal is away and the gateway is killed.

``DEALWRIGHT_EVENTS=20000`` sends so many.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
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
from tests.gateway.signed_requests import STANDARD_SECRET, as_body, standard_headers
from tests.simulators.mailbox_server import MailServer
from tests.temporal_environment import wait_until

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600)]

EVENTS = int(os.environ.get("DEALWRIGHT_EVENTS", "500"))
DEALS = max(10, EVENTS // 100)
_AT_ONCE = 16
Delivery = tuple[str, bytes]
"""An event's id, and its body."""


@pytest.fixture
async def mortal_server(tmp_path: Path) -> AsyncIterator[LocalServer]:
    """A server of this test's own, to be killed."""
    plan = ServerPlan(directory=tmp_path / "mortal", search_attributes=SEARCH_ATTRIBUTES, ui=False, own=True)
    async with LocalServer.start(plan) as server:
        yield server


async def test_each_fact_is_at_its_deal_once(mortal_server: LocalServer, mail: MailServer, tmp_path: Path) -> None:
    everything = deliveries(random.Random(2026))
    sixth = len(everything) // 6
    async with (
        a_world(mortal_server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world,
        MortalGateway(world) as gateway,
        world.worker(),
    ):
        await gateway.deliver(everything[:sixth], kill=True)
        await gateway.deliver(everything[sixth : 2 * sixth])
        await mortal_server.kill()
        await gateway.deliver(everything[2 * sixth : 4 * sixth])
        assert (await intake.counts(world.store))[IntakeState.WAITING] > 0
        await mortal_server.restart()
        await gateway.deliver(everything[4 * sixth : 5 * sixth], kill=True)
        await gateway.deliver(everything[5 * sixth :])

        async def all_passed_on() -> bool:
            return await intake.counts(world.store) == {IntakeState.DISPATCHED: EVENTS + DEALS}

        await wait_until(all_passed_on, 1800)
        for first in range(0, DEALS, _AT_ONCE):
            some = range(first, min(first + _AT_ONCE, DEALS))
            taken = await asyncio.gather(*(facts_taken(world, f"deal-{number}") for number in some))
            assert taken == [Counter(facts_of(number)) for number in some]


def facts_of(deal: int) -> list[str]:
    """The ids of the facts that a deal is told."""
    return [f"standard:n{number}" for number in range(EVENTS) if number % DEALS == deal]


def deliveries(lot: random.Random) -> list[Delivery]:
    """The openings of all deals and all facts, one in ten of them twice, in any order."""
    events = [message(f"o{n}", "deal_opened", deal={"id": f"deal-{n}"}, playbook="letters") for n in range(DEALS)]
    events += [message(f"n{n}", "note_added", deal_id=f"deal-{n % DEALS}", text="x") for n in range(EVENTS)]
    events += lot.sample(events, len(events) // 10)
    lot.shuffle(events)
    return events


def message(id_: str, type_: str, **data: object) -> Delivery:
    return id_, as_body({"type": type_, "timestamp": "2026-11-24T10:00:00Z", "data": data})


class MortalGateway:
    """A gateway that is killed amid what it is sent, and started anew. The source sends again until it hears a 202."""

    def __init__(self, world: World) -> None:
        (port,) = free_ports(1)
        self._environment = {
            "DEALWRIGHT_GATEWAY_PORT": str(port), "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
            "DEALWRIGHT_WEBHOOK_SECRETS": json.dumps({"standard": [STANDARD_SECRET]}),
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

    async def deliver(self, events: Sequence[Delivery], *, kill: bool = False) -> None:
        """Send events until each is taken; in the middle of it, kill the gateway and start another one."""
        sending = [asyncio.create_task(self._send(*event)) for event in events]
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

        await wait_until(answers)

    async def _send(self, id_: str, body: bytes) -> None:
        async with self._turn:
            await wait_until(lambda: self._is_taken(id_, body))

    async def _is_taken(self, id_: str, body: bytes) -> bool:
        try:
            answer = await self._web.post("/webhooks/standard", content=body, headers=standard_headers(id_, body))
        except httpx2.TransportError:
            return False
        return answer.status_code == 202
