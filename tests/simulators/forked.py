"""Simulators in processes that need not import everything first: their own ``__main__``, and all else as it is."""

from __future__ import annotations

import asyncio
import os
import runpy
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from integrations.kit.simulator.process import ADDRESS, RunningSimulator, SimulatorFailed, arguments_of
from integrations.kit.trusted_authorities import trusted_authorities
from tests.forks import fork, is_alive, join, write_into

_LOOK_EVERY = 0.01
_TO_END = 5.0


@asynccontextmanager
async def running_simulator(
    module: str,
    *,
    target: str = "",
    port: int = 0,
    file: Path | None = None,
    options: Mapping[str, str] | None = None,
) -> AsyncIterator[RunningSimulator]:
    """Run a simulator while the block runs, as ``integrations.kit.simulator.process`` does; it ends with the tests.

    Raises:
        SimulatorFailed: it did not start.
    """
    arguments = arguments_of(target=target, port=port, file=file, options=options or {})
    async with AsyncExitStack() as stack:
        said = Path(stack.enter_context(TemporaryDirectory()), "said")
        process = await asyncio.to_thread(fork, _be, module, arguments, said)
        stack.push_async_callback(_end, process)
        address = await _address_of(process, module, said)
        http = await stack.enter_async_context(httpx2.AsyncClient(timeout=60, verify=trusted_authorities()))
        yield RunningSimulator(address, http)


async def _address_of(process: ForkServerProcess, module: str, said: Path) -> str:
    while (found := ADDRESS.search(_read(said))) is None:
        if not is_alive(process):
            raise SimulatorFailed(f"{module} did not start: {_read(said)}")
        await asyncio.sleep(_LOOK_EVERY)
    return found[1]


def _read(said: Path) -> str:
    return said.read_text() if said.exists() else ""


async def _end(process: ForkServerProcess) -> None:
    process.terminate()
    try:
        async with asyncio.timeout(_TO_END):
            while is_alive(process):  # noqa: ASYNC110 - nothing in this process is told when it happens
                await asyncio.sleep(_LOOK_EVERY)
    finally:
        process.kill()
        await asyncio.to_thread(join, process)


def _be(module: str, arguments: list[str], said: Path) -> None:
    os.setsid()
    write_into(said, said)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
