"""Facts to few and to many open deals, with a cache that holds a tenth of the many; and what memory does meanwhile.

``python -m bench --open-deals``: twenty minutes on two cores. A bare workflow is measured after the real one: most of
its facts, too, find no deal in the cache, so it tells how much of the difference is the SDK's own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.progress import Progress

from bench.load import Load, record_one
from bench.under_load import a_server
from bench.variant import BARE, REAL, Variant, WorkerProcess

FEW, MANY, CACHE = 1_000, 10_000, 1_000
_TOGETHER = 100
"""Deals that are opened at once, before the next ones."""
_FACTS, _BETWEEN = 600, timedelta(seconds=0.2)
"""Facts that are told to as many deals, five a second."""
_MIB = 1024 * 1024


class FactLatency(BaseModel):
    """Seconds from a fact to its first effect, with so many open deals."""

    model_config = ConfigDict(frozen=True)

    open_deals: int
    p50: float
    p99: float
    cpu_ms_a_fact: float


class OpenDeals(BaseModel):
    """What was measured of one side."""

    model_config = ConfigDict(frozen=True)

    opened_a_second: float
    tasks_timed_out: int
    """Of the deals that were told something: workflow tasks that timed out or failed."""
    few: FactLatency
    many: FactLatency
    mib: dict[int, float]
    """Memory of the worker (RSS) by open deals."""

    @property
    def p99_ratio(self) -> float:
        """How much longer the slowest facts take with many open deals than with few."""
        return self.many.p99 / self.few.p99


async def open_deals(directory: Path, console: Console) -> dict[Variant, OpenDeals]:
    """Measure both sides, one after the other, each on a server of its own."""
    return {side: await _measure(side, directory / side.name, console) for side in (REAL, BARE)}


async def _measure(side: Variant, directory: Path, console: Console) -> OpenDeals:
    """Open deals, tell facts to some, open more, tell facts to others."""
    plan = directory / "life.json"
    async with a_server(directory) as (client, environment):
        async with WorkerProcess.start(REAL, environment, directory):
            (life := await record_one(client)).write(plan)
        async with WorkerProcess.start(side, environment, directory, plan, cached=CACHE) as worker:
            crowd, mib = Load(client, worker, life), dict[int, float]()
            deals = [f"open-{number}" for number in range(MANY)]
            clock = asyncio.get_running_loop().time
            began = clock()
            await _open(crowd, worker, deals[:FEW], mib, console)
            first = clock() - began
            some = random.Random(1).sample(deals[:FEW], _FACTS)
            few = await _tell(crowd, worker, some, FEW, console)
            began = clock()
            await _open(crowd, worker, deals[FEW:], mib, console)
            opened_a_second = MANY / (first + clock() - began)
            others = random.Random(2).sample([deal for deal in deals if deal not in set(some)], _FACTS)
            many = await _tell(crowd, worker, others, MANY, console)
            timed_out = await crowd.failed_tasks([*some, *others])
    return OpenDeals(opened_a_second=opened_a_second, tasks_timed_out=timed_out, few=few, many=many, mib=mib)


async def _open(
    crowd: Load, worker: WorkerProcess, deals: Sequence[str], mib: dict[int, float], console: Console
) -> None:
    with Progress(console=console) as progress:
        task = progress.add_task(f"bench: {len(deals):,} openings, {worker.side.name}", total=len(deals))
        for begin in range(0, len(deals), _TOGETHER):
            await crowd.open(deals[begin : begin + _TOGETHER])
            progress.advance(task, _TOGETHER)
            opened = len(worker.effects_done)
            if opened % FEW == 0:
                mib[opened] = worker.memory() / _MIB


async def _tell(crowd: Load, worker: WorkerProcess, deals: Sequence[str], total: int, console: Console) -> FactLatency:
    await crowd.rest(deals)
    before, told = worker.cpu(), dict[str, asyncio.Task[float]]()
    with Progress(console=console) as progress:
        for deal in progress.track(deals, description=f"bench: facts to {total:,} open deals, {worker.side.name}"):
            told[deal] = asyncio.create_task(crowd.tell(deal))
            await asyncio.sleep(_BETWEEN.total_seconds())
    await worker.until_done(deals, crowd.effects)
    spent = worker.cpu() - before
    answered = {deal: worker.effects_done[deal][crowd.opening_effects] for deal in deals}
    seconds = [answered[deal] - await began for deal, began in told.items()]
    return FactLatency(
        open_deals=total,
        p50=median(seconds),
        p99=quantiles(seconds, n=100)[-1],
        cpu_ms_a_fact=spent / timedelta(milliseconds=1) / len(deals),
    )
