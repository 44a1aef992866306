"""Whether the dispatcher does its work: what readiness asks, and what to do when it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST_SILENCE = 120.0
"""Seconds within which a dispatcher finishes a round, or passes an event on, unless it stands."""
LONGEST_FAILURE = 15.0
"""Seconds within which a round succeeds after one that failed, unless something is wrong for longer."""


class Pulse:
    """The dispatcher's signs of life. ``clock`` is the machine's own, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lives = False
        self._last = clock()
        self._failing: tuple[float, str] | None = None

    @contextmanager
    def alive(self) -> Iterator[None]:
        """It lives as long as the block does."""
        self._lives, self._last = True, self._clock()
        try:
            yield
        finally:
            self._lives = False

    def beat(self) -> None:
        """It passed something on."""
        self._last = self._clock()

    def succeeded(self) -> None:
        """It finished a round."""
        self._last, self._failing = self._clock(), None

    def failed(self, error: Exception) -> None:
        """A round ended in an error."""
        self._last = self._clock()
        since = self._failing[0] if self._failing else self._last
        self._failing = since, type(error).__name__

    def trouble(self) -> str | None:
        """What is wrong, and what to do; None when nothing is."""
        now = self._clock()
        if not self._lives:
            return "the dispatcher does not run, and webhooks are only kept: restart the gateway, its log says why"
        if now - self._last > LONGEST_SILENCE:
            return (
                f"the dispatcher has done nothing for {now - self._last:.0f} s, and webhooks are only kept: "
                "restart the gateway"
            )
        if self._failing and now - self._failing[0] > LONGEST_FAILURE:
            since, error = self._failing
            return (
                f"the dispatcher has failed for {now - since:.0f} s, and webhooks are only kept ({error}): "
                "look into the gateway's log"
            )
        return None
