"""Whether a background task makes progress: what ``/readyz`` and ``/metrics`` report, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STALL_TIMEOUT = 120.0
"""Seconds without a finished round or a delivered event after which a task counts as stalled."""
FAILURE_TIMEOUT = 15.0
"""Seconds of failing rounds after which the gateway is not ready."""


class TaskHealth:
    """Records a task's progress and says what is wrong: the dispatcher's, if nothing else is said.

    ``meanwhile`` says what that means for others. ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        name: str = "dispatcher",
        meanwhile: str = "webhooks are only kept",
    ) -> None:
        self.name, self._meanwhile, self._clock = name, meanwhile, clock
        self.is_running = False
        self._last = clock()
        self._failing: tuple[float, str] | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """The task runs for as long as this block."""
        self.is_running, self._last = True, self._clock()
        try:
            yield
        finally:
            self.is_running = False

    def made_progress(self) -> None:
        """It delivered an event."""
        self._last = self._clock()

    def round_succeeded(self) -> None:
        """It finished a round."""
        self._last, self._failing = self._clock(), None

    def round_failed(self, error: Exception) -> None:
        """A round ended in an error."""
        self._last = self._clock()
        since = self._failing[0] if self._failing else self._last
        self._failing = since, type(error).__name__

    def idle(self) -> float:
        """Seconds since it last finished something, or failed at it."""
        return self._clock() - self._last

    def failing(self) -> float:
        """Seconds for which its rounds have failed; 0 while they do not."""
        return self._clock() - self._failing[0] if self._failing else 0.0

    def problem(self) -> str | None:
        """What is wrong, and what to do; None when nothing is."""
        now = self._clock()
        if not self.is_running:
            return f"the {self.name} does not run, and {self._meanwhile}: restart the gateway, its log says why"
        if now - self._last > STALL_TIMEOUT:
            return (
                f"the {self.name} has done nothing for {now - self._last:.0f} s, and {self._meanwhile}: "
                "restart the gateway"
            )
        if self._failing and now - self._failing[0] > FAILURE_TIMEOUT:
            since, error = self._failing
            return (
                f"the {self.name} has failed for {now - since:.0f} s, and {self._meanwhile} ({error}): "
                "look into the gateway's log"
            )
        return None
