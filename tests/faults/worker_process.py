"""What a worker's process does here: what an installation's does, and it dies where it is told to."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity
from temporalio.worker._worker import load_default_build_id

from activities.once_only import Checkpoint
from gateway.run import run_gateway
from integrations.registry import shipped_mappings
from runtime.connection import ServerAway, connect
from runtime.settings import Settings
from runtime.store_binding import require_matching_store
from store.database import Store
from store.installation import InstallationRecord
from tests.forks import write_into
from worker import compose, end_of_worker

load_default_build_id()  # reads all code that is imported: once here, not in each process that is forked from this one
shipped_mappings()  # the same of the mapping files
_UNTIL_STARTED_ANEW = 1


@dataclass(frozen=True)
class ProcessOptions:
    """How a process is to work: its environment, where it writes its log, and what kills it, if anything does.

    ``failpoint`` is a file that names a checkpoint: the first message that comes to it takes the file away and the
    process with it.
    """

    environment: Mapping[str, str]
    log: Path
    failpoint: Path | None = None


def work(orders: ProcessOptions) -> None:
    """Work as a worker until SIGTERM."""
    _prepare(orders)
    _until_told(lambda stop: _work(Settings(), orders.failpoint, stop), lambda: end_of_worker(Settings()))


def serve(orders: ProcessOptions) -> None:
    """Serve as a gateway until SIGTERM."""
    _prepare(orders)
    _until_told(lambda stop: run_gateway(Settings(), stop))


async def _work(settings: Settings, failpoint: Path | None, stop: asyncio.Event) -> None:
    store = Store.open(settings.database_url)
    try:
        client = await connect()
        await require_matching_store(client, InstallationRecord(store))  # before it works, as every worker does
        async with await compose(client, store, settings, checkpoint=_deadly(failpoint)):
            await stop.wait()
    finally:
        await store.close()


def _deadly(failpoint: Path | None) -> Callable[[Checkpoint], None]:
    def pass_by(reached: Checkpoint) -> None:
        if failpoint is None or not failpoint.exists() or activity.info().activity_type != "send_email":
            return
        if failpoint.read_text() == reached:
            failpoint.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


def _prepare(orders: ProcessOptions) -> None:
    write_into(orders.log, orders.log)
    os.environ.update(orders.environment)


def _when_told() -> asyncio.Event:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return stop


def _until_told(
    working: Callable[[asyncio.Event], Coroutine[None, None, None]],
    told: Callable[[], asyncio.Event] = _when_told,
) -> None:
    async def run() -> None:
        stop, loop = told(), asyncio.get_running_loop()
        if (tests := multiprocessing.parent_process()) is not None:
            loop.add_reader(tests.sentinel, os.kill, os.getpid(), signal.SIGKILL)  # nothing outlives the tests
        while not stop.is_set():
            try:
                await working(stop)
                break
            except ServerAway as away:  # on a busy machine; whoever supervises a process starts it anew
                sys.stderr.write(f"{away}\n")
                await asyncio.sleep(_UNTIL_STARTED_ANEW)

    asyncio.run(run())
    os._exit(0)  # as the worker itself ends
