"""Rate limits of the HTTP API, for each deal and for each API key: a token bucket answers 429 above them."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request

from gateway.problems import ApiError

BURST_SECONDS = 20.0
"""A burst after a quiet time: so many seconds' worth of requests at once."""
MAX_TRACKED = 20_000
"""Deals and keys with a bucket; above that, the one that was idle for longest is dropped."""


@dataclass
class _Bucket:
    left: float
    at: float


class RateLimiter:
    """A token bucket for each name (a deal, a key): requests a second on average; 0 sets no limit."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._clock = per_second, clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, name: str) -> float:
        """Take one token; returns how many seconds to wait when there is none."""
        bucket = self._filled(name)
        if bucket is None:
            return 0.0
        if bucket.left < 1:
            return (1 - bucket.left) / self._per_second
        bucket.left -= 1
        return 0.0

    def wait(self, name: str) -> float:
        """How many seconds to wait until there is a token; takes none."""
        bucket = self._filled(name)
        return max(1 - bucket.left, 0) / self._per_second if bucket else 0.0

    def _filled(self, name: str) -> _Bucket | None:
        """The bucket as it is now; None without a limit."""
        if not self._per_second:
            return None
        now, burst = self._clock(), self._per_second * BURST_SECONDS
        bucket = self._buckets.pop(name, None) or _Bucket(burst, now)
        bucket.left = min(burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        self._buckets[name] = bucket
        if len(self._buckets) > MAX_TRACKED:
            self._buckets.popitem(last=False)
        return bucket


class RateLimits:
    """The limits for one deal, for one key, and for one source of webhooks."""

    def __init__(self, per_deal: float, per_key: float, per_source: float) -> None:
        self._deals, self._keys, self._sources = RateLimiter(per_deal), RateLimiter(per_key), RateLimiter(per_source)

    def check(self, key: str, deal_id: str | None) -> None:
        """Let a request in.

        Raises:
            ApiError: 429, with when to send it again.
        """
        wait, what = self._keys.take(key), "this key"
        if not wait and deal_id:
            wait, what = self._deals.take(deal_id), f"deal {deal_id!r}"
        if wait:
            raise _refusal(wait, what)

    def check_source(self, source: str) -> None:
        """Let a webhook request in that has proven where it comes from: what others send uses up nothing.

        Raises:
            ApiError: 429, with when to send it again.
        """
        if wait := self._sources.take(source):
            raise _refusal(wait, f"the source {source!r}")


def _refusal(wait: float, what: str) -> ApiError:
    text = f"More comes for {what} than is taken: send it again, under the same id, after {math.ceil(wait)} s."
    refusal = ApiError(HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many requests", text)
    refusal.headers["Retry-After"] = str(math.ceil(wait))
    return refusal


def check_rate(request: Request, key_id: str) -> None:
    """Let a request in that sends something to a deal, or opens one.

    Raises:
        ApiError: 429, with when to send it again.
    """
    rate_limits: RateLimits = request.app.state.rate_limits
    rate_limits.check(key_id, request.path_params.get("deal_id"))
