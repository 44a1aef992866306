"""Processes that are forked from one that has imported everything already, and killed whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.faults.worker_process import ProcessOptions
from tests.forks import fork, is_alive, join

_TO_START = 60
_TO_TELL = 1
_LINES_TOLD = 200


class Forked:
    """A process as its test sees it."""

    def __init__(self, process: ForkServerProcess, log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return is_alive(self._process)

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    async def ended(self) -> int | None:
        """Wait for its end; returns its exit code, or minus the signal that ended it."""
        await asyncio.to_thread(join, self._process)
        return self._process.exitcode

    async def until(self, condition: Callable[[], Awaitable[bool]], seconds: float = _TO_START) -> None:
        """Wait for what this process brings about.

        Raises:
            AssertionError: it ended before, or took longer; with its log, and where each of its threads stands.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not await condition():
                    if not self.alive:
                        raise AssertionError(await self.tell())
                    await asyncio.sleep(0.02)
                return
        raise AssertionError(f"Not within {seconds:.0f} seconds. {await self.tell()}")

    async def tell(self) -> str:
        """What it wrote last, and where each of its threads stands if it runs."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid or 0, signal.SIGUSR1)
            await asyncio.sleep(_TO_TELL)
        ends = "It runs" if self.alive else f"It has ended with {self._process.exitcode}"
        said = self._log.read_text(errors="replace") if self._log.exists() else ""
        return "\n".join([f"{ends}; {self._log.name} says last:", *said.splitlines()[-_LINES_TOLD:]])


@asynccontextmanager
async def forked(work: Callable[[ProcessOptions], None], orders: ProcessOptions) -> AsyncIterator[Forked]:
    """Start a process; kill it if it still runs at the end of the block."""
    process = await asyncio.to_thread(fork, work, orders)
    try:
        yield Forked(process, orders.log)
    finally:
        process.kill()
        await asyncio.to_thread(join, process)
