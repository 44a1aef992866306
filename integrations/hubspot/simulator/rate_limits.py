"""HubSpot's limits: so many calls in ten seconds, told by headers, and five searches a second."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from integrations.hubspot.simulator.errors import HubSpotError

_WINDOW = timedelta(seconds=10)
_SEARCHES = 5


class RateLimits:
    """Calls of the last ten seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._calls: deque[datetime] = deque()
        self._searches: deque[datetime] = deque()

    def count(self, now: datetime, *, search: bool) -> None:
        """Count a call.

        Raises:
            HubSpotError: it is one too many (429).
        """
        _forget(self._calls, now - _WINDOW)
        _forget(self._searches, now - timedelta(seconds=1))
        if len(self._calls) >= self._most:
            raise too_many("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")
        if search and len(self._searches) >= _SEARCHES:
            raise too_many("SECONDLY", "secondly")
        self._calls.append(now)
        if search:
            self._searches.append(now)

    def headers(self) -> dict[str, str]:
        """What answers tell of it."""
        left = str(self._most - len(self._calls))
        return {
            "x-hubspot-ratelimit-max": str(self._most), "x-hubspot-ratelimit-remaining": left,
            "x-hubspot-ratelimit-interval-milliseconds": "10000",
        }  # fmt: skip


def too_many(policy: str, limit: str) -> HubSpotError:
    """The refusal of a call that is one too many."""
    return HubSpotError(429, "RATE_LIMITS", f"You have reached your {limit} limit. ({policy})")


def _forget(calls: deque[datetime], before: datetime) -> None:
    while calls and calls[0] <= before:
        calls.popleft()
