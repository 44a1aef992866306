"""A world around simulated tools: an installation's own processes, connected to them, and people who work in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar

import httpx2
from pydantic import JsonValue

from dealwright.commands import ResolveTouch
from dealwright.entries import FactTaken
from dealwright.views.snapshot import Snapshot
from integrations.kit.simulator.process import RunningSimulator
from integrations.kit.trusted_authorities import trusted_authorities
from integrations.registry import TOOLS
from local.server.ports import free_ports
from local.simulators import write_connections
from runtime.schedules import keep_schedules, schedule_id
from store import intake, ledger
from store.intake import IntakeState
from store.ledger import LedgerRow, LedgerState
from tests.faults.processes import Forked
from tests.faults.refusing_door import refusing_door
from tests.faults.world import World
from tests.simulators.forked import running_simulator

_PATIENCE = 120
_LOOK_EVERY = 0.1
_READ_EVERY = 20
"""Looks at a deal between two readings of a tool."""
_UNDER_WAY = {LedgerState.CLAIMED, LedgerState.RELEASED, LedgerState.HANDING_OVER}
_NOT_TOLD = {IntakeState.WAITING, IntakeState.UNMATCHED, IntakeState.REFUSED, IntakeState.SET_ASIDE}
Fault = dict[str, JsonValue]
"""Switches of a simulator that make it misbehave."""


@dataclass
class ToolWorld:
    """One installation, connected to simulated tools. A tool's own world is a subclass that has its people's words."""

    world: World
    simulators: dict[str, RunningSimulator]
    """By the names of their tools; the first one leads."""
    environment: dict[str, str]
    processes: AsyncExitStack
    worker: Forked = field(init=False)
    gateway: Forked = field(init=False)

    @property
    def simulator(self) -> RunningSimulator:
        """The tool that the lives are about."""
        return next(iter(self.simulators.values()))

    async def prepare(self) -> None:
        """What is done in the tools before the installation starts."""

    async def kill(self, which: Literal["worker", "gateway"]) -> None:
        """End the worker or the gateway with SIGKILL, and start another one."""
        killed = self.worker if which == "worker" else self.gateway
        killed.kill()
        await killed.ended()
        await self.start(which)

    async def start(self, which: Literal["worker", "gateway"]) -> None:
        """Start the worker or the gateway; a gateway answers by then."""
        if which == "worker":
            self.worker = await self._kept(self.world.worker(killed_at=None, **self.environment))
        else:
            self.gateway = await self._kept(self.world.gateway(**self.environment))
            await self.gateway.until(self._is_healthy)

    @asynccontextmanager
    async def gateway_away(self) -> AsyncIterator[None]:
        """The gateway is dead, and what stands before it answers 503, until a webhook had that answer."""
        self.gateway.kill()
        await self.gateway.ended()
        async with refusing_door(int(self.environment["DEALWRIGHT_GATEWAY_PORT"])):
            yield
            await self.until("a webhook that is refused", self._webhooks_are_refused)
        await self.start("gateway")

    async def _webhooks_are_refused(self) -> bool:
        """Whether all tools that have a webhook to send have heard that nobody takes it."""
        told = [await one.webhooks() for one in self.simulators.values()]
        return all(not one.waiting or (one.attempts and one.attempts[-1].status == 503) for one in told)

    async def misbehave(self, fault: Fault) -> None:
        """Have every tool misbehave, or behave again."""
        for one in self.simulators.values():
            await one.switch(**fault)

    async def look(self) -> None:
        """Have every tool read beside its webhooks."""
        for name in self.simulators:
            if TOOLS[name].polling is not None:
                await self.look_now(name)

    def reading(self, wanted: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        """The same, while the tools are read: a reading that is asked for while one is under way is left out."""
        looks = count()

        async def read_and_seen() -> bool:
            if await wanted():
                return True
            if next(looks) % _READ_EVERY == 0:
                await self.look()
            return False

        return read_and_seen

    async def has(self, deal_id: str, fact: str, count: int = 1, *, reading: bool = False) -> None:
        """Wait until a deal has taken so many facts of a name; with ``reading``, the tools are read until it has."""

        async def taken() -> bool:
            return len(await self.facts(deal_id, fact)) >= count

        await self.until(f"{count} {fact} of {deal_id}", self.reading(taken) if reading else taken)

    async def messages_are_settled(
        self, deal_id: str, kind: str, went_out: Callable[[], Awaitable[bool]], count: int = 1
    ) -> None:
        """Wait until it is known whether so many messages went out; where nobody knows, a person looks and says so."""
        rows: list[LedgerRow] = []

        async def settled() -> bool:
            rows[:] = [row for row in await ledger.of_deal(self.world.store, deal_id) if row.kind == kind]
            return len(rows) >= count and {row.state for row in rows} <= {LedgerState.RECORDED, LedgerState.UNCERTAIN}

        await self.until(f"{kind}, settled", settled)
        for row in rows:
            if row.state is LedgerState.UNCERTAIN:
                await self.see(deal_id, "a question", lambda seen: bool(seen.uncertain_touches))
                said = ResolveTouch(by="rep", effect=row.effect_id, sent=await went_out(), why="I looked there")
                verdict = await self.world.deals.command(deal_id, said)
                assert verdict.accepted, verdict

    async def _kept(self, process: AbstractAsyncContextManager[Forked]) -> Forked:
        return await self.processes.enter_async_context(process)

    async def _is_healthy(self) -> bool:
        try:
            async with httpx2.AsyncClient(timeout=60, verify=trusted_authorities()) as web:
                return (await web.get(f"{self.environment['DEALWRIGHT_PUBLIC_URL']}/healthz")).is_success
        except httpx2.TransportError:
            return False

    async def see(self, deal_id: str, what: str, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        """The deal, as soon as it is as wanted."""
        seen: list[Snapshot] = []

        async def as_wanted() -> bool:
            try:
                seen[:] = [await self.world.deals.snapshot(deal_id)]
            except Exception:  # noqa: BLE001 - it is not open yet, or a worker was killed
                return False
            return wanted(seen[0])

        await self.until(what, as_wanted, lambda: f"{deal_id} is {seen}")
        return seen[0]

    async def until(
        self, what: str, wanted: Callable[[], Awaitable[bool]], instead: Callable[[], str] = lambda: ""
    ) -> None:
        """Wait until something is so. ``instead`` says what was seen where it did not come."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await wanted():  # noqa: ASYNC110 - it happens in other processes
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            calls = [(call.method, call.path, call.status) for call in (await self.simulator.calls())[-12:]]
            rows = [(row.fact, row.state, row.last_error) for row in await intake.recent(self.world.store, limit=12)]
            said = f"{what} did not come; {instead()}; the last calls: {calls}; the last events: {rows}"
            raise AssertionError(said) from None

    async def quiet(self) -> None:
        """Wait until nothing is under way: no webhook, no event, no effect."""

        async def nothing_waits() -> bool:
            return await self.nothing_is_sent() and IntakeState.WAITING not in await self.not_told() and not (
                await self.under_way()
            )  # fmt: skip

        for _ in range(3):  # what has just come to rest may set off something else
            await self.until("rest", nothing_waits)
            await asyncio.sleep(0.3)

    async def nothing_is_sent(self) -> bool:
        """Whether no tool has a webhook to send."""
        return not any([(await one.webhooks()).waiting for one in self.simulators.values()])

    async def under_way(self) -> dict[tuple[str, LedgerState], int]:
        """How many effects are not settled, by kind and state; no other world has this database."""
        counts = await ledger.counts(self.world.store)
        return {(kind, state): count for (kind, state), count in counts.items() if state in _UNDER_WAY}

    async def not_told(self) -> dict[IntakeState, int]:
        """How many events did not get to a deal, by what keeps them."""
        counts = await intake.counts(self.world.store)
        return {state: counts[state] for state in _NOT_TOLD if counts.get(state)}

    async def look_now(self, tool: str) -> None:
        """Have a tool read beside its webhooks now, and not only when its hour comes."""
        await self.world.client.get_schedule_handle(schedule_id(TOOLS[tool].source or tool)).trigger()

    async def facts(self, deal_id: str, name: str) -> list[FactTaken]:
        """The facts of a name that a deal took."""
        story = await self.world.deals.story(deal_id)
        return [entry for entry in story if isinstance(entry, FactTaken) and entry.fact == name]


Lived = TypeVar("Lived", bound=ToolWorld)


@asynccontextmanager
async def a_tool_world(kind: type[Lived], world: World, folder: Path, *tools: str) -> AsyncIterator[Lived]:
    """An installation with its worker and gateway, connected to simulators of these tools."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        simulators = {}
        for name in tools:
            target = f"{url}/webhooks/{TOOLS[name].source or name}"
            running = running_simulator(f"integrations.{name}.simulator", target=target)
            simulators[name] = await stack.enter_async_context(running)
            await simulators[name].switch(retry_after=2)  # ten attempts outlast a gateway that is started anew
        examples = [await simulator.connection() for simulator in simulators.values()]
        environment = {
            "DEALWRIGHT_CONNECTIONS": str(write_connections(folder, examples)),
            "DEALWRIGHT_GATEWAY_PORT": str(port), "DEALWRIGHT_PUBLIC_URL": url,
            "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1",
        }  # fmt: skip
        lived = kind(world, simulators, environment, stack)
        await lived.prepare()
        await lived.start("worker")
        await lived.start("gateway")
        polled = [TOOLS[name].source or name for name in tools if TOOLS[name].polling is not None]
        await keep_schedules(world.client, dict.fromkeys(polled, timedelta(hours=1)))
        yield lived
