"""How much may be told in a while: of one deal, and with one key. Who tells more is asked to wait."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request

from gateway.problems import Refused

AT_ONCE = 20.0
"""Seconds' worth of requests that may come at once, after a quiet time."""
MOST_REMEMBERED = 20_000
"""Deals and keys of which the rate is remembered; of more, those that were quiet for longest are forgotten."""


@dataclass
class _Allowance:
    left: float
    at: float


class Rate:
    """So many requests a second for each name (a deal, a key), on the average; 0 sets no limit."""

    def __init__(self, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second, self._clock = a_second, clock
        self._known: OrderedDict[str, _Allowance] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take one request of a name into account; returns how many seconds it comes too early."""
        if not self._a_second:
            return 0.0
        now, most = self._clock(), self._a_second * AT_ONCE
        allowance = self._known.pop(name, None) or _Allowance(most, now)
        allowance.left = min(most, allowance.left + (now - allowance.at) * self._a_second)
        allowance.at = now
        self._known[name] = allowance
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        if allowance.left < 1:
            return (1 - allowance.left) / self._a_second
        allowance.left -= 1
        return 0.0


class Floods:
    """Bounds what one deal is told, and what comes with one key."""

    def __init__(self, for_a_deal: float, for_a_key: float) -> None:
        self._deals, self._keys = Rate(for_a_deal), Rate(for_a_key)

    def check(self, key: str, deal_id: str | None) -> None:
        """Let a request in.

        Raises:
            Refused: too much came; it says when to come again.
        """
        wait, what = self._keys.wait(key), "this key"
        if not wait and deal_id:
            wait, what = self._deals.wait(deal_id), f"deal {deal_id!r}"
        if wait:
            text = f"More comes for {what} than is taken: send it again, under the same id, after {math.ceil(wait)} s."
            refusal = Refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many requests", text)
            refusal.headers["Retry-After"] = str(math.ceil(wait))
            raise refusal


async def without_flood(request: Request) -> None:
    """The dependency of every route that tells a deal something, or opens one."""
    floods: Floods = request.app.state.floods
    floods.check(request.state.caller, request.path_params.get("deal_id"))
