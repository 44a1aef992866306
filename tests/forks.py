"""Processes forked from one that has imported everything: what starts many of them does not pay for imports each time.

The tests themselves fork nothing: they have threads, and a fork takes over locks but not who holds them.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.worker_process", "local.stack", "pytest", "typer"])
_ONE_LOOKS = threading.Lock()
"""To start a process is to look at all others, and when two threads look at once an exit code may be lost (255)."""


def fork(work: Callable[..., None], *orders: object) -> ForkServerProcess:
    """Start a process that does this work; it does not outlive the tests."""
    process = _FORKS.Process(target=work, args=orders, daemon=True)
    with _ONE_LOOKS:
        process.start()
    return process


def is_alive(process: ForkServerProcess) -> bool:
    """Whether it still runs."""
    with _ONE_LOOKS:
        return process.is_alive()


def join(process: ForkServerProcess) -> None:
    """Wait for its end."""
    wait([process.sentinel])
    with _ONE_LOOKS:
        process.join()


def write_into(output: Path, errors: Path) -> None:
    """In a forked process: write standard output and standard error into files, and where it stands when asked."""
    faulthandler.register(signal.SIGUSR1)
    for number, file in ((1, output), (2, errors)):
        log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, number)
        os.close(log)
