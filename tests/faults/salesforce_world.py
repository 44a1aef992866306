"""A world whose CRM is a simulated Salesforce org: an installation's own processes, and people who work there alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from dealwright.entries import FactTaken
from dealwright.views.snapshot import Snapshot
from integrations.kit.simulator.process import RunningSimulator, running_simulator
from local.server.ports import free_ports
from local.simulators import write_connections
from store import intake, ledger
from store.intake import IntakeState
from store.ledger import LedgerState
from tests.faults.processes import Forked
from tests.faults.world import World

_PATIENCE = 120
_LOOK_EVERY = 0.2
SAM, ANA = "sam@seller.example", "ana@seller.example"


@dataclass
class SalesforceWorld:
    """One installation, connected to one org."""

    world: World
    simulator: RunningSimulator
    environment: dict[str, str]
    processes: AsyncExitStack
    worker: Forked
    gateway: Forked
    users: dict[str, str]
    """The ids of people there, by address."""

    async def kill(self, which: str) -> None:
        """End the worker or the gateway with SIGKILL, and start another one."""
        killed = self.worker if which == "worker" else self.gateway
        killed.kill()
        await killed.ended()
        if which == "worker":
            worker = self.world.worker(killed_at=None, **self.environment)
            self.worker = await self.processes.enter_async_context(worker)
        else:
            self.gateway = await self.processes.enter_async_context(self.world.gateway(**self.environment))
            await self.answers()

    async def make(self, sobject: str, **values: Any) -> str:
        """A person makes a record."""
        made: Any = await self.simulator.change(do="create", sobject=sobject, values=values)
        return str(made["id"])

    async def edit(self, sobject: str, id_: str, **values: Any) -> None:
        """A person changes a record."""
        await self.simulator.change(do="update", sobject=sobject, id=id_, values=values)

    async def begin(self, **values: Any) -> tuple[str, str]:
        """A person makes an opportunity; returns its id and that of the deal that it opens."""
        about = {"Name": "Acme", "StageName": "Prospecting", "CloseDate": "2027-12-31", **values}
        opportunity = await self.make("Opportunity", **about)
        return opportunity, f"salesforce-{opportunity}"

    async def records(self, sobject: str) -> dict[str, dict[str, Any]]:
        """The records of an object, by id."""
        state: Any = await self.simulator.state()
        found: dict[str, dict[str, Any]] = state["org"]["tables"][sobject]
        return found

    async def see(self, deal_id: str, what: str, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        """The deal, as soon as it is as wanted."""
        seen: list[Snapshot] = []

        async def as_wanted() -> bool:
            try:
                seen[:] = [await self.world.deals.snapshot(deal_id)]
            except Exception:  # noqa: BLE001 - it is not open yet, or a worker was killed
                return False
            return wanted(seen[0])

        await self.until(f"{what} of {seen}", as_wanted)
        return seen[0]

    async def until(self, what: str, wanted: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await wanted():  # noqa: ASYNC110 - it happens in other processes
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            calls = [(call.method, call.path, call.status) for call in (await self.simulator.calls())[-12:]]
            rows = [(row.fact, row.state, row.last_error) for row in await intake.recent(self.world.store, limit=12)]
            raise AssertionError(f"{what} did not come; the last calls: {calls}; intake: {rows}") from None

    async def task(self, opportunity: str, title: str = "") -> dict[str, Any]:
        """The open task on an opportunity whose subject begins so, as soon as it is there."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            tasks = (await self.records("Task")).values()
            found[:] = [
                one for one in tasks
                if one["WhatId"] == opportunity and not one["IsClosed"] and one["Subject"].startswith(title)
            ]  # fmt: skip
            return bool(found)

        await self.until(f"the task {title}", there)
        return found[0]

    async def quiet(self) -> None:
        """Wait until nothing is under way: no message, no event, no effect."""

        async def nothing_waits() -> bool:
            counts = await intake.counts(self.world.store)
            if (await self.simulator.webhooks()).waiting or IntakeState.WAITING in counts:
                return False
            return not await self._under_way()

        for _ in range(3):  # what has just come to rest may set off something else
            await self.until("rest", nothing_waits)
            await asyncio.sleep(0.3)

    async def _under_way(self) -> list[str]:
        deals = [f"salesforce-{id_}" for id_ in await self.records("Opportunity")]
        rows = [row for deal_id in deals for row in await ledger.of_deal(self.world.store, deal_id)]
        return [row.effect_id for row in rows if row.state in {LedgerState.CLAIMED, LedgerState.HANDING_OVER}]

    async def facts(self, deal_id: str, name: str) -> list[FactTaken]:
        """The facts of a name that a deal took."""
        story = await self.world.deals.story(deal_id)
        return [entry for entry in story if isinstance(entry, FactTaken) and entry.fact == name]

    async def answers(self) -> None:
        """Wait until the gateway answers."""

        async def healthy() -> bool:
            try:
                async with httpx2.AsyncClient() as web:
                    return (await web.get(f"{self.environment['DEALWRIGHT_PUBLIC_URL']}/healthz")).is_success
            except httpx2.TransportError:
                return False

        await self.until("the gateway", healthy)


@asynccontextmanager
async def a_salesforce_world(world: World, folder: Path) -> AsyncIterator[SalesforceWorld]:
    """An installation that is connected to an org of its own."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(
            running_simulator("integrations.salesforce.simulator", target=f"{url}/webhooks/salesforce")
        )
        await simulator.switch(retry_after=0.3)
        environment = {
            "DEALWRIGHT_CONNECTIONS": str(write_connections(folder, [await simulator.connection()])),
            "DEALWRIGHT_GATEWAY_PORT": str(port), "DEALWRIGHT_PUBLIC_URL": url,
            "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
        }  # fmt: skip
        gateway = await stack.enter_async_context(world.gateway(**environment))
        worker = await stack.enter_async_context(world.worker(killed_at=None, **environment))
        lived = SalesforceWorld(world, simulator, environment, stack, worker, gateway, {})
        for address in (SAM, ANA):
            lived.users[address] = await lived.make("User", Name=address.partition("@")[0].title(), Email=address)
        await lived.answers()
        yield lived
