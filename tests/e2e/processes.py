"""Real processes of an installation, started as a user starts them and ended whatever happens."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
LONGEST = 300


class Ended(NamedTuple):
    """A process that has ended."""

    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This environment without what would configure Dealwright or Temporal."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DEALWRIGHT_", "TEMPORAL_", "DATABASE_URL"))}
    return {**kept, "COLUMNS": "160", **extra}


async def run(command: Sequence[str | Path], **extra: str) -> Ended:
    """Run a command to its end."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment(extra), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), LONGEST)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def dealwright(*arguments: str, **extra: str) -> Ended:
    """Run ``dealwright``."""
    return await run([BIN / "dealwright", *arguments], **extra)


class Running:
    """A process that stays, and what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    async def says(self, pattern: str) -> re.Match[str]:
        """Wait until it says something."""
        async with asyncio.timeout(LONGEST / 2):
            while (found := re.search(pattern, self.said)) is None:
                if self.process.stdout is None or not (line := await self.process.stdout.readline()):
                    raise AssertionError(f"it ended without saying {pattern!r}:\n{self.said}")
                self.said += line.decode()
        return found

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(LONGEST / 2):
            rest = await self.process.stdout.read() if self.process.stdout else b""
            self.said += rest.decode()
            return await self.process.wait()


@asynccontextmanager
async def running(command: Sequence[str | Path], **extra: str) -> AsyncIterator[Running]:
    """Start a process; kill it, and all that it started, if it still runs at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment(extra), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield Running(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
