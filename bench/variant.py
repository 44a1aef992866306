"""The two sides that are compared, and the process in which each one's worker runs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import psutil
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.plugin import SimplePlugin

from bench.plan import PLAN_VARIABLE
from dealwright.identity import TASK_QUEUE, WORKFLOW_TYPE
from runtime.plugin import deals_plugin

READY = "ready"
_TIMEOUT = timedelta(seconds=60)
_EFFECTS_TIMEOUT = timedelta(minutes=15)
_CACHED = 1000

Name = Literal["real", "bare"]


class WorkerDidNotStart(RuntimeError):
    """The worker of one side ended before it was ready; its own message stands above."""


@dataclass(frozen=True)
class Variant:
    """One side: what runs, and where."""

    name: Name
    workflow: str
    task_queue: str
    plugin: SimplePlugin
    """How its values are written and its workflows run: as this project does, or as the SDK does by itself."""


REAL = Variant("real", WORKFLOW_TYPE, TASK_QUEUE, deals_plugin())
BARE = Variant("bare", "BareDeal", f"{TASK_QUEUE}-bare", SimplePlugin("stock", data_converter=pydantic_data_converter))
VARIANTS: Mapping[str, Variant] = {side.name: side for side in (REAL, BARE)}


class WorkerProcess:
    """The worker of one side, in a process of its own. It tells of each effect that it has done."""

    def __init__(self, side: Variant, process: asyncio.subprocess.Process) -> None:
        self.side = side
        self._process = process
        self._measured = psutil.Process(process.pid)
        self._done = asyncio.Condition()
        self.effects_done: dict[str, list[float]] = {}
        """When each deal's effects were done, by the loop's clock."""

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        side: Variant,
        environment: Mapping[str, str],
        directory: Path,
        life: Path | None = None,
        *,
        cached: int = _CACHED,
    ) -> AsyncIterator[WorkerProcess]:
        """Run the worker for this block, with so many deals in its cache.

        It ends with this process, whatever ends that.

        Raises:
            WorkerDidNotStart: it ended instead.
        """
        plan = {PLAN_VARIABLE: str(life)} if life else {}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.worker", side.name, str(directory), str(cached)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **environment, **plan},
        )
        try:
            async with asyncio.timeout(_TIMEOUT.total_seconds()):
                await _until_ready(process, side)
            worker = cls(side, process)
            listening = asyncio.create_task(worker._listen())
            yield worker
            listening.cancel()
        finally:
            if process.stdin:
                process.stdin.close()
            with suppress(ProcessLookupError, TimeoutError):
                async with asyncio.timeout(_TIMEOUT.total_seconds()):
                    await process.wait()

    def cpu(self) -> timedelta:
        """User and system time that the process has used so far."""
        times = self._measured.cpu_times()
        return timedelta(seconds=times.user + times.system)

    def memory(self) -> int:
        """Bytes that the process holds now (RSS)."""
        return int(self._measured.memory_info().rss)

    async def until_done(self, deals: Collection[str], effects: int) -> None:
        """Wait until each of the deals has had so many effects done in all, for a quarter of an hour at most."""
        async with asyncio.timeout(_EFFECTS_TIMEOUT.total_seconds()), self._done:
            await self._done.wait_for(lambda: all(len(self.effects_done.get(deal, ())) >= effects for deal in deals))

    async def _listen(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._process.stdout and (line := await self._process.stdout.readline()):
            async with self._done:
                self.effects_done.setdefault(line.decode().strip(), []).append(clock())
                self._done.notify_all()


async def _until_ready(process: asyncio.subprocess.Process, side: Variant) -> None:
    said = await process.stdout.readline() if process.stdout else b""
    if said.decode().strip() != READY:
        raise WorkerDidNotStart(f"The {side.name} worker ended before it was ready.")
