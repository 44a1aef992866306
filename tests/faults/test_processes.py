"""A process that a test waits for tells what became of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.faults.processes import forked
from tests.faults.worker_process import ProcessOptions
from tests.forks import write_into


async def never() -> bool:
    return False


def end(orders: ProcessOptions) -> None:
    write_into(orders.log, orders.log)
    sys.exit("The port is taken.")


def hang(orders: ProcessOptions) -> None:
    write_into(orders.log, orders.log)
    time.sleep(1_000)


async def test_one_that_has_ended_is_not_waited_for_and_its_log_is_told(tmp_path: Path) -> None:
    async with forked(end, ProcessOptions({}, tmp_path / "a.log")) as process:
        with pytest.raises(AssertionError, match=r"(?s)ended with 1; a\.log says last:.*The port is taken\."):
            await process.until(never)


async def test_one_that_hangs_tells_where_it_stands(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    async with forked(hang, ProcessOptions({}, log)) as process:

        async def begun() -> bool:
            return log.exists()

        await process.until(begun)
        with pytest.raises(AssertionError, match=r"(?s)Not within 0 seconds\. It runs.*in hang"):
            await process.until(never, 0.1)
