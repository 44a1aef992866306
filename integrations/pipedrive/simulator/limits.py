"""Pipedrive's limits: tokens of a day, of the company, and calls of two seconds; both are told by headers."""

from __future__ import annotations

import re
from collections import deque
from datetime import date, datetime, timedelta

_WINDOW = timedelta(seconds=2)
_COSTS = (
    (r"GET /api/v2/(itemSearch|\w+/search)", 20),
    (r"GET /api/v2/\w+/\d+$", 1),
    (r"GET /api/v2/", 10),
    (r"(POST|PATCH|PUT) /api/v2/", 5),
    (r"DELETE /api/v2/", 3),
    (r"GET /(api/)?v1/\w+/(\d+|me)$", 2),
    (r"GET /(api/)?v1/", 20),
    (r"DELETE /(api/)?v1/", 6),
    (r"", 10),
)


def cost_of(call: str) -> int:
    """What a call (``METHOD /path``) costs, in tokens."""
    return next(cost for pattern, cost in _COSTS if re.match(pattern, call))


class Limits:
    """The calls of the last two seconds, and the tokens of this day."""

    def __init__(self, in_two_seconds: int, tokens: int) -> None:
        self._burst, self._tokens = in_two_seconds, tokens
        self._calls: deque[datetime] = deque()
        self._spent, self._day = 0, date.min

    def refuses(self, call: str, now: datetime) -> bool:
        """Count a call; returns whether it is one too many, which costs nothing."""
        while self._calls and self._calls[0] <= now - _WINDOW:
            self._calls.popleft()
        if now.date() != self._day:
            self._spent, self._day = 0, now.date()
        cost = cost_of(call)
        if len(self._calls) >= self._burst or self._spent + cost > self._tokens:
            return True
        self._calls.append(now)
        self._spent += cost
        return False

    def headers(self) -> dict[str, str]:
        """What answers tell of them."""
        return {
            "x-ratelimit-limit": str(self._burst), "x-ratelimit-remaining": str(self._burst - len(self._calls)),
            "x-ratelimit-reset": "2", "x-daily-ratelimit-token-limit": str(self._tokens),
            "x-daily-ratelimit-token-remaining": str(self._tokens - self._spent),
        }  # fmt: skip
