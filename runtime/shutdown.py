"""Graceful shutdown on SIGTERM or Ctrl-C, with a hard exit when it takes too long."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import threading
import time
from datetime import timedelta

import structlog

EXIT_NOT_IN_TIME = 3
"""The exit code of a process that something kept from ending by itself."""
_SIGNALS = {signal.SIGTERM, signal.SIGINT}
_LAST_RESORT = timedelta(seconds=3)

log = structlog.get_logger("dealwright.ending")


def stop_on_signal(patience: timedelta) -> asyncio.Event:
    """Set the returned event on SIGTERM or Ctrl-C; exit the process when it has not ended ``patience`` later.

    Whatever hangs: a thread of its own waits for the signal and for the time, so that neither an activity that
    cannot be cancelled nor a loop that stands can keep the process. Call it in the main thread, within its loop and
    before others are started, which then leave the signals to it.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)

    def wait() -> None:
        received = signal.Signals(signal.sigwait(_SIGNALS))
        # Even if one call holds the interpreter for good: this needs none.
        faulthandler.dump_traceback_later((patience + _LAST_RESORT).total_seconds(), exit=True)
        loop.call_soon_threadsafe(stop.set)
        time.sleep(patience.total_seconds())
        log.error("not ended in time", signal=received.name, seconds=patience.total_seconds())
        os._exit(EXIT_NOT_IN_TIME)

    threading.Thread(target=wait, name="ending", daemon=True).start()
    return stop
