from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

_PROGRAM = """
import asyncio, os, re, sys, time
from datetime import timedelta
from runtime.shutdown import stop_on_signal
from runtime.logging import configure_logging

async def main():
    stop = stop_on_signal(timedelta(seconds=1))
    print("told", flush=True)
    {work}

configure_logging("json", "info")
asyncio.run(main())
os._exit(0)
"""
WAITS_TO_BE_TOLD = "await stop.wait()"
CANNOT_BE_CANCELLED = "await stop.wait(); await asyncio.sleep(600)"
STANDS_IN_A_THREAD = "await asyncio.to_thread(time.sleep, 600)"
STOPS_THE_LOOP = "time.sleep(600)"
HOLDS_THE_INTERPRETER = "re.fullmatch('(a*)*b', 'a' * 60)"


def told_to_end(work: str, told: signal.Signals = signal.SIGTERM) -> tuple[int, str, float]:
    """The exit code and the log of a process that does this work, and the seconds it took to end."""
    program = _PROGRAM.format(work=work)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "told\n"
        began = time.monotonic()
        process.send_signal(told)
        _, said = process.communicate(timeout=30)
        return process.returncode, said, time.monotonic() - began


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_ends_by_itself(told: signal.Signals) -> None:
    assert told_to_end(WAITS_TO_BE_TOLD, told)[:2] == (0, "")


@pytest.mark.parametrize("work", [CANNOT_BE_CANCELLED, STANDS_IN_A_THREAD, STOPS_THE_LOOP])
def test_whatever_hangs_the_process_ends_in_the_time_that_is_set_and_says_so(work: str) -> None:
    code, said, _ = told_to_end(work)
    assert code == 3
    assert "not ended in time" in said


def test_a_call_that_holds_the_interpreter_cannot_keep_a_process_that_was_told() -> None:
    *_, seconds = told_to_end(f"asyncio.get_running_loop().call_later(0.2, lambda: {HOLDS_THE_INTERPRETER}); "
                              "await asyncio.sleep(600)")  # fmt: skip
    assert seconds < 15
