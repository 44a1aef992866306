"""Detects a worker process that is stuck: a workflow that never yields, or cannot be evicted from the cache.

Both keep their slot for good, and a process that has one never drains. Only a restart helps.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

STUCK_AFTER = timedelta(seconds=30)
"""A deal's turn takes milliseconds, and is broken off after two seconds; a failed eviction is tried every two."""


class ActivationMonitor:
    """Tracks the activations that run in this process, and failed evictions. Safe to share between threads."""

    def __init__(self, longest: timedelta = STUCK_AFTER) -> None:
        self._longest = longest.total_seconds()
        self._lock = threading.Lock()
        self._since: dict[object, float] = {}
        self._not_evicted: dict[str, float] = {}

    @contextmanager
    def track(self, run_id: str, *, evicts: bool) -> Iterator[None]:
        """Around one turn of a run of a workflow; ``evicts`` when it is to take it out of the cache."""
        turn, now = object(), time.monotonic()
        with self._lock:
            self._since[turn] = now
            if evicts:
                self._not_evicted.setdefault(run_id, now)
        try:
            yield
            if evicts:
                with self._lock:
                    self._not_evicted.pop(run_id, None)
        finally:
            with self._lock:
                del self._since[turn]

    def problem(self) -> str | None:
        """What stands still for too long, if anything does."""
        before = time.monotonic() - self._longest
        with self._lock:
            if run := next((run for run, since in self._not_evicted.items() if since < before), None):
                return f"the run {run} cannot be taken out of the cache: restart this worker"
            if any(since < before for since in self._since.values()):
                return "a deal does not yield: restart this worker"
        return None


activations = ActivationMonitor()
"""Of this process, which has one interpreter for all its workers."""
