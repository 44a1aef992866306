"""A world whose CRM is a simulated HubSpot: an installation's own processes, and people who work in HubSpot alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from dealwright.entries import Entry, FactTaken
from dealwright.views.snapshot import Snapshot
from integrations.hubspot.polling import HubSpotPolling
from integrations.kit.simulator.process import RunningSimulator, running_simulator
from local.server.ports import free_ports
from local.simulators import write_connections
from store import intake, ledger
from store.intake import IntakeState
from store.ledger import LedgerState
from tests.faults.world import World
from tests.integrations.hubspot.account import PORTAL, Account, connection_to

_PATIENCE = 120
_LOOK_EVERY = 0.1


@dataclass
class HubSpotWorld:
    """One installation, connected to one account."""

    world: World
    account: Account
    environment: dict[str, str]

    @property
    def simulator(self) -> RunningSimulator:
        """The account's simulator."""
        return self.account.simulator

    async def begin(self, **properties: str) -> tuple[str, str]:
        """A person creates a deal in HubSpot; returns HubSpot's id and ours, as soon as it is open here."""
        about = {"dealname": "Acme", "dealstage": "appointmentscheduled", **properties}
        hubspot_id = await self.account.create("deals", None, **about)
        return hubspot_id, f"hubspot-{PORTAL}-{hubspot_id}"

    async def see(self, deal_id: str, what: str, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        """The deal, as soon as it is as wanted."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._seen(deal_id, wanted)
        except TimeoutError:
            seen = await self.world.deals.snapshot(deal_id)
            rows = [(row.fact, row.state, row.last_error) for row in await intake.recent(self.world.store)]
            raise AssertionError(f"{what} did not come: {seen!r}; intake: {rows}") from None

    async def _seen(self, deal_id: str, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        while True:
            try:
                seen = await self.world.deals.snapshot(deal_id)
            except Exception:  # noqa: BLE001 - it is not open yet, or a worker was killed
                seen = None
            if seen is not None and wanted(seen):
                return seen
            await asyncio.sleep(_LOOK_EVERY)

    async def until(self, what: str, wanted: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await wanted():  # noqa: ASYNC110 - it happens in other processes
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            calls = [(call.method, call.path, call.status) for call in (await self.simulator.calls())[-12:]]
            raise AssertionError(f"{what} did not come; the last calls: {calls}") from None

    async def task(self, hubspot_deal: str, title: str = "", *, status: str = "NOT_STARTED") -> dict[str, Any]:
        """The task on a HubSpot deal whose subject begins so, as soon as it is there."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            ids = await self.account.associated("deals", hubspot_deal, "tasks")
            tasks = await self.account.objects("tasks", hs_task_status=status)
            on_deal = [one for one in tasks if one["id"] in ids]
            found[:] = [one for one in on_deal if one["properties"]["hs_task_subject"].startswith(title)]
            return bool(found)

        await self.until(f"the task {title}", there)
        return found[0]

    async def complete(self, hubspot_deal: str, title: str = "") -> str:
        """A person completes a task in HubSpot; returns its id there."""
        task = await self.task(hubspot_deal, title)
        await self.account.update("tasks", task["id"], hs_task_status="COMPLETED")
        return str(task["id"])

    async def quiet(self) -> None:
        """Wait until nothing is under way: no webhook, no event, no effect."""

        async def nothing_waits() -> bool:
            if (await self.simulator.webhooks()).waiting or IntakeState.WAITING in await intake.counts(
                self.world.store
            ):
                return False
            return not await self.under_way()

        for _ in range(3):  # what has just come to rest may set off something else
            await self.until("rest", nothing_waits)
            await asyncio.sleep(0.3)

    async def under_way(self) -> list[str]:
        """Effects that are not settled."""
        deals = [f"hubspot-{PORTAL}-{one['id']}" for one in await self.account.objects("deals")]
        rows = [row for deal_id in deals for row in await ledger.of_deal(self.world.store, deal_id)]
        return [row.effect_id for row in rows if row.state in {LedgerState.CLAIMED, LedgerState.HANDING_OVER}]

    async def facts(self, deal_id: str, name: str) -> list[FactTaken]:
        """The facts of a name that a deal took."""
        story: tuple[Entry, ...] = await self.world.deals.story(deal_id)
        return [entry for entry in story if isinstance(entry, FactTaken) and entry.fact == name]

    async def _answers(self) -> None:
        async def healthy() -> bool:
            try:
                async with httpx2.AsyncClient() as web:
                    return (await web.get(f"{self.environment['DEALWRIGHT_PUBLIC_URL']}/healthz")).is_success
            except httpx2.TransportError:
                return False

        await self.until("the gateway", healthy)


@asynccontextmanager
async def a_hubspot_world(world: World, folder: Path) -> AsyncIterator[HubSpotWorld]:
    """An installation that is connected to a HubSpot account of its own."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(
            running_simulator("integrations.hubspot.simulator", target=f"{url}/webhooks/hubspot")
        )
        await simulator.switch(retry_after=0.3)
        polling = HubSpotPolling(await connection_to(simulator), world.store)
        await polling.repair()
        await polling.close()
        environment = {
            "DEALWRIGHT_CONNECTIONS": str(write_connections(folder, [await simulator.connection()])),
            "DEALWRIGHT_GATEWAY_PORT": str(port), "DEALWRIGHT_PUBLIC_URL": url,
            "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
        }  # fmt: skip
        await stack.enter_async_context(world.gateway(**environment))
        await stack.enter_async_context(world.worker(killed_at=None, **environment))
        lived = HubSpotWorld(world, Account(simulator), environment)
        await lived._answers()
        yield lived
