"""A kept process ends with its owner, whatever becomes of the owner."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.server import process
from local.server.process import SupervisedProcess

SAY_NUMBER_AND_SLEEP = "echo $$; exec sleep 1000"
IGNORE_TERM = "trap '' TERM; echo $$; exec sleep 1000"  # what is ignored stays so over exec

OWNER = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started it in the background
import sys, time
from pathlib import Path
from local.server.process import SupervisedProcess
kept = SupervisedProcess(["/bin/sh", "-c", "echo $$; exec sleep 1000"], log=Path(sys.argv[1]), inherit=1)
time.sleep(1000)
"""


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    number = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    yield number
    os.close(number)


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up, "it did not happen within 60 s"
        time.sleep(0.01)


def said_number(log: Path) -> psutil.Process:
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"))
    return psutil.Process(int(log.read_text().split()[-1]))


def test_stopping_asks_the_command_to_end(tmp_path: Path, descriptor: int) -> None:
    log = tmp_path / "log"
    kept = SupervisedProcess(["/bin/sh", "-c", SAY_NUMBER_AND_SLEEP], log=log, inherit=descriptor)
    command = said_number(log)

    kept.stop()

    assert not command.is_running()
    assert kept.exit_code == 128 + signal.SIGTERM


def test_a_command_that_will_not_end_is_killed(
    tmp_path: Path, descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.2)
    log = tmp_path / "log"
    kept = SupervisedProcess(["/bin/sh", "-c", IGNORE_TERM], log=log, inherit=descriptor)
    command = said_number(log)

    kept.stop()

    assert not command.is_running()
    assert kept.exit_code == 128 + signal.SIGKILL


def test_killing_gives_the_command_no_chance_to_tidy_up(tmp_path: Path, descriptor: int) -> None:
    log = tmp_path / "log"
    kept = SupervisedProcess(["/bin/sh", "-c", IGNORE_TERM], log=log, inherit=descriptor)
    command = said_number(log)

    kept.kill()

    assert not command.is_running()
    assert kept.exit_code == 128 + signal.SIGKILL


def test_a_command_whose_keeper_was_killed_is_still_stopped(tmp_path: Path, descriptor: int) -> None:
    log = tmp_path / "log"
    kept = SupervisedProcess(["/bin/sh", "-c", SAY_NUMBER_AND_SLEEP], log=log, inherit=descriptor)
    command = said_number(log)
    keeper = command.parent()
    assert keeper is not None
    keeper.kill()

    kept.stop()

    command.wait(60)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_with_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "log"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(log)], stderr=subprocess.DEVNULL)
    command = said_number(log)

    owner.send_signal(number)
    owner.wait(60)

    command.wait(60)


def test_the_end_of_its_output_is_at_hand_when_it_fails(tmp_path: Path, descriptor: int) -> None:
    kept = SupervisedProcess(
        ["/bin/sh", "-c", "echo first; echo no such thing >&2; exit 3"],
        log=tmp_path / "log",
        inherit=descriptor,
    )
    wait_until(lambda: kept.exit_code is not None)

    assert kept.exit_code == 3
    assert kept.log_tail() == ["first", "no such thing"]
    kept.stop()
