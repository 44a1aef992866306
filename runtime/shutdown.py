"""The end of a process that was told to end: in its own time, or else in the time that was set."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import threading
import time
from datetime import timedelta

import structlog

NOT_IN_TIME = 3
"""The exit code of a process that something kept from ending by itself."""
_TOLD_BY = {signal.SIGTERM, signal.SIGINT}
_LAST_RESORT = timedelta(seconds=3)

log = structlog.get_logger("dealwright.ending")


def end_when_told(patience: timedelta) -> asyncio.Event:
    """Be told to end by SIGTERM or Ctrl-C: the event is set then, and after ``patience`` the process is ended.

    Whatever hangs: a thread of its own waits for the signal and for the time, so that neither an activity that
    cannot be cancelled nor a loop that stands can keep the process. Call it in the main thread, within its loop and
    before others are started, which then leave the signals to it.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD_BY)

    def wait() -> None:
        told = signal.Signals(signal.sigwait(_TOLD_BY))
        # Even if one call holds the interpreter for good: this needs none.
        faulthandler.dump_traceback_later((patience + _LAST_RESORT).total_seconds(), exit=True)
        loop.call_soon_threadsafe(stop.set)
        time.sleep(patience.total_seconds())
        log.error("not ended in time", signal=told.name, seconds=patience.total_seconds())
        os._exit(NOT_IN_TIME)

    threading.Thread(target=wait, name="ending", daemon=True).start()
    return stop
