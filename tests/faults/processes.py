"""Processes that are forked from one that has imported everything already, and killed whatever happens."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess

from tests.faults.worker_process import ProcessOptions

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.worker_process", "pytest"])
_ONE_LOOKS = threading.Lock()
"""To start a process is to look at all others, and when two threads look at once an exit code may be lost (255)."""


class Forked:
    """A process as its test sees it."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        with _ONE_LOOKS:
            return self._process.is_alive()

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    async def ended(self) -> int | None:
        """Wait for its end; returns its exit code, or minus the signal that ended it."""
        await asyncio.to_thread(_join, self._process)
        return self._process.exitcode


@asynccontextmanager
async def forked(work: Callable[[ProcessOptions], None], orders: ProcessOptions) -> AsyncIterator[Forked]:
    """Start a process; kill it if it still runs at the end of the block."""
    process = _FORKS.Process(target=work, args=(orders,), daemon=True)
    await asyncio.to_thread(_start, process)
    try:
        yield Forked(process)
    finally:
        process.kill()
        await asyncio.to_thread(_join, process)


def _start(process: ForkServerProcess) -> None:
    with _ONE_LOOKS:
        process.start()


def _join(process: ForkServerProcess) -> None:
    wait([process.sentinel])
    with _ONE_LOOKS:
        process.join()
