"""When an event is sent again that its subscriber did not take, as Standard Webhooks advises.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Operational
considerations".
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The wait after the first failed attempt, after the second, and so on. After the last, the delivery is dead."""
JITTER = 0.2
"""By what share a wait may be longer, so that what failed together does not come back together."""


@dataclass(frozen=True)
class Retries:
    """The waits, which tests shorten."""

    schedule: tuple[timedelta, ...] = SCHEDULE
    chance: Callable[[], float] = random.random

    def next_attempt(self, failed: int, now: datetime, retry_after: timedelta | None = None) -> datetime | None:
        """When to try again after so many failed attempts; None when it was tried often enough.

        A subscriber that says how long to wait gets that, if it is longer.
        """
        if failed > len(self.schedule):
            return None
        wait = self.schedule[failed - 1] * (1 + JITTER * self.chance())
        return now + max(wait, retry_after or timedelta())
