"""The commands in processes that need not import everything first: their own entry points, and all else as it is."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.processes import BIN, LONGEST, ROOT, Ended, environment
from tests.forks import fork, is_alive, join, write_into


async def run_forked(name: str, *arguments: str, **extra: str) -> Ended:
    """Run a command to its end, as ``run`` does with its console script."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = await asyncio.to_thread(fork, _be, [str(BIN / name), *arguments], environment(extra), out, err)
        try:
            async with asyncio.timeout(LONGEST):
                while is_alive(process):  # noqa: ASYNC110 - nothing in this process is told when it happens
                    await asyncio.sleep(0.02)
        finally:
            process.kill()
            with suppress(ProcessLookupError):
                os.killpg(process.pid or 0, signal.SIGKILL)  # what it started
            await asyncio.to_thread(join, process)
        said = await asyncio.gather(asyncio.to_thread(out.read_text), asyncio.to_thread(err.read_text))
        return Ended(process.exitcode or 0, *said)


async def dealwright(*arguments: str, **extra: str) -> Ended:
    """Run ``dealwright``."""
    return await run_forked("dealwright", *arguments, **extra)


def _be(command: list[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    write_into(out, err)
    sys.argv = command
    (script,) = metadata.entry_points(group="console_scripts", name=Path(command[0]).name)
    module, _, function = script.value.partition(":")
    sys.exit(getattr(importlib.import_module(module), function)())
