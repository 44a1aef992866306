"""Measures a worker under load: a burst of openings, memory of a cached deal, a fact to one that is not cached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from temporalio.client import Client

from bench.life import Life
from bench.load import Load, record_one
from bench.variant import BARE, REAL, Variant, WorkerProcess
from dealwright.decision import SEARCH_ATTRIBUTES
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from runtime.plugin import deals_plugin

BURST, BURSTS = 500, 3
COLD, COLD_ROUNDS, COLD_CACHE = 100, 3, 10
_KEPT = 2 * BURST * BURSTS
"""Deals that fit the cache of a worker whose deals rest there."""

Environment = Mapping[str, str]


class UnderLoad(BaseModel):
    """What was measured of one side."""

    model_config = ConfigDict(frozen=True)

    burst_seconds: tuple[float, ...]
    """Until each of 500 deals, opened at once, has its first effect behind it."""
    timed_out: int
    """Workflow tasks of those deals that timed out or failed."""
    kib_a_cached_deal: float
    cold_cpu_ms: tuple[float, ...]
    """Of the worker, for a fact to a deal that is not in its cache, with the effects that follow."""


async def measure_under_load(directory: Path, console: Console) -> dict[Variant, UnderLoad]:
    """Measure both sides, in turns."""
    async with a_server(directory) as (client, environment):
        life = directory / "crowd.json"
        console.print("bench: recording an opening")
        async with WorkerProcess.start(REAL, environment, directory):
            (recorded := await record_one(client)).write(life)
        bursts, timed_out, memory = await _bursts(client, environment, directory, recorded, console)
        cold = await _cold(client, environment, directory, recorded, console)
    return {
        side: UnderLoad(
            burst_seconds=tuple(bursts[side]), timed_out=timed_out[side], kib_a_cached_deal=memory[side],
            cold_cpu_ms=tuple(cold[side]),
        )
        for side in (REAL, BARE)
    }  # fmt: skip


@asynccontextmanager
async def a_server(directory: Path) -> AsyncIterator[tuple[Client, Environment]]:
    """A server of its own, for this block."""
    plan = ServerPlan(
        directory=directory / "temporal", search_attributes=SEARCH_ATTRIBUTES, ui=False, durable=False, own=True
    )
    async with LocalServer.start(plan) as server:
        yield await server.connect([deals_plugin()]), server.environment


@asynccontextmanager
async def _both(
    client: Client, environment: Environment, directory: Path, life: Life, cached: int
) -> AsyncIterator[dict[Variant, tuple[Load, WorkerProcess]]]:
    """Both sides' workers at once: the one whose turn it is not rests."""
    async with AsyncExitStack() as stack:
        both: dict[Variant, tuple[Load, WorkerProcess]] = {}
        for side in (REAL, BARE):
            started = WorkerProcess.start(side, environment, directory, directory / "crowd.json", cached=cached)
            worker = await stack.enter_async_context(started)
            both[side] = Load(client, worker, life), worker
        yield both


async def _bursts(
    client: Client, environment: Environment, directory: Path, life: Life, console: Console
) -> tuple[dict[Variant, list[float]], dict[Variant, int], dict[Variant, float]]:
    seconds: dict[Variant, list[float]] = {REAL: [], BARE: []}
    memory: dict[Variant, list[int]] = {REAL: [], BARE: []}
    timed_out = {REAL: 0, BARE: 0}
    clock = asyncio.get_running_loop().time
    async with _both(client, environment, directory, life, _KEPT) as both:
        for number in range(BURSTS):
            for side, (crowd, worker) in both.items():
                console.print(f"bench: burst {number + 1} of {BURSTS}, {BURST} openings, {side.name}")
                deals = [f"burst{number}-{one}" for one in range(BURST)]
                began = clock()
                await crowd.open(deals, effects=1)
                seconds[side].append(clock() - began)
                await crowd.rest(deals)
                memory[side].append(worker.memory())
                timed_out[side] += await crowd.failed_tasks(deals)
    grown = {side: (rss[-1] - rss[0]) / (BURST * (BURSTS - 1)) / 1024 for side, rss in memory.items()}
    return seconds, timed_out, grown


async def _cold(
    client: Client, environment: Environment, directory: Path, life: Life, console: Console
) -> dict[Variant, list[float]]:
    spent: dict[Variant, list[float]] = {REAL: [], BARE: []}
    async with _both(client, environment, directory, life, COLD_CACHE) as both:
        for number in range(COLD_ROUNDS):
            for side, (crowd, worker) in both.items():
                console.print(f"bench: cold round {number + 1} of {COLD_ROUNDS}, {COLD} deals, {side.name}")
                deals = [f"cold{number}-{one}" for one in range(COLD)]
                await crowd.open(deals)
                await crowd.rest(deals)
                before = worker.cpu()
                await crowd.tell_all(deals)
                await crowd.rest(deals)
                spent[side].append((worker.cpu() - before).total_seconds() * 1000 / COLD)
    return spent


def ratios(found: Mapping[Variant, UnderLoad]) -> dict[str, float]:
    """The figures, each against the bare side."""
    real, bare = found[REAL], found[BARE]
    return {
        "burst_ratio": median(real.burst_seconds) / median(bare.burst_seconds),
        "tasks_timed_out": real.timed_out,
        "cold_ratio": median(real.cold_cpu_ms) / median(bare.cold_cpu_ms),
        "cached_ratio": real.kib_a_cached_deal / bare.kib_a_cached_deal,
    }
