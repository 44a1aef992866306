"""Salesloft's limit: so many points in a minute, for the whole team. Pages far behind cost more.

https://developers.salesloft.com/docs/platform/api-basics/rate-limits/
"""

from __future__ import annotations

from datetime import datetime

_COSTS = ((500, 30), (250, 10), (150, 8), (100, 3))
"""Beyond which page how much a page costs."""


def cost_of(page: int) -> int:
    """What a call costs, in points, by the page that it asks for."""
    return next((cost for beyond, cost in _COSTS if page > beyond), 1)


class Points:
    """What was spent in this minute."""

    def __init__(self, most: int) -> None:
        self._most, self._spent = most, 0
        self._minute: datetime | None = None
        self.cost = 1
        """Of the last call."""

    def refuses(self, page: int, now: datetime) -> bool:
        """Count a call; returns whether it is one too many."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._spent = minute, 0
        self.cost = cost_of(page)
        if self._spent + self.cost > self._most:
            return True
        self._spent += self.cost
        return False

    def headers(self) -> dict[str, str]:
        """What answers tell of them."""
        return {
            "x-ratelimit-limit-minute": str(self._most), "x-ratelimit-endpoint-cost": str(self.cost),
            "x-ratelimit-remaining-minute": str(self._most - self._spent),
        }  # fmt: skip
