"""The request budget of a tool: no worker calls it when all of them together would call it too often.

A worker takes units out of the shared bucket and forgets what it has not spent within a second, so a tool that says
"too many" holds all workers back at once. It takes them in batches that grow while it spends them in time: a lone call
takes what it costs, and leaves the rest to other processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol, TypeAlias

from integrations.kit.errors import NotHandedOver
from store import request_budgets
from store.database import Store
from store.errors import StoreAway
from store.request_budgets import Limit

__all__ = ["Limit"]

log = logging.getLogger(__name__)

_GOOD_FOR = timedelta(seconds=1)
"""And at most a tenth of the time in which the tool counts."""
_LONGEST_WAIT = timedelta(seconds=5)
"""A longer wait is left to Temporal: the attempt ends, and the next one begins when there is room again."""
_MOST_AT_ONCE = 10


@dataclass(frozen=True)
class Remaining:
    """What a tool says of its own count: how many units it still takes, and when it begins to count anew."""

    units: int
    anew_in: timedelta


ReadHeaders: TypeAlias = Callable[[Mapping[str, str]], Remaining | None]


class Budget(Protocol):
    """What may be spent on calls to a tool."""

    async def take(self, cost: int) -> None:
        """Spend, after a short wait if need be.

        Raises:
            NotHandedOver: there is nothing to spend for a while.
        """

    async def learn(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer's headers say."""

    async def hold_back(self, until: datetime) -> None:
        """Let nobody call before a time."""


class Unlimited:
    """The budget for a tool that knows no limit."""

    async def take(self, cost: int) -> None:
        """Spend."""

    async def learn(self, headers: Mapping[str, str]) -> None:
        """There is nothing to learn."""

    async def hold_back(self, until: datetime) -> None:
        """Nobody is held back."""


class SharedBudget:
    """One credential's budget, over all workers. ``name`` is ``budget_name(tool, credential)``."""

    def __init__(
        self,
        store: Store,
        name: str,
        limit: Limit,
        read_headers: ReadHeaders = lambda _: None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._name, self._limit, self._read_headers = store, name, limit, read_headers
        self._clock, self._sleep = clock, sleep
        self._lock = asyncio.Lock()
        self._units, self._good_until, self._left = 0, datetime.min.replace(tzinfo=UTC), 0.0
        self._batch = 0
        """How many units were taken the last time."""

    async def take(self, cost: int) -> None:
        """Spend, after a short wait if need be.

        Raises:
            NotHandedOver: there is nothing to spend for a while.
        """
        need = min(cost, int(self._limit.burst))  # what costs more than the bucket holds waits until it is full
        deadline = self._clock() + _LONGEST_WAIT
        async with self._lock:
            wish = self._wish(need)
            while self._units < need or self._clock() > self._good_until:
                await self._fetch(need, wish, deadline)
            self._units -= need

    def _wish(self, need: int) -> int:
        spent_in_time = self._clock() <= self._good_until
        most = min(_MOST_AT_ONCE, int(self._limit.burst) // 4)
        return max(need, min(2 * self._batch, most)) if spent_in_time else need

    async def _fetch(self, need: int, wish: int, deadline: datetime) -> None:
        try:
            taken = await request_budgets.take(self._store, self._name, self._limit, need, wish, self._clock)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        self._units = self._batch = taken.units
        self._left = taken.left
        self._good_until = taken.at + min(_GOOD_FOR, self._limit.per / 10)
        now = self._clock()
        if taken.units and now <= self._good_until:
            return
        if now + taken.wait > deadline:
            tool = self._name.partition(":")[0]
            raise NotHandedOver(f"{tool} takes no more calls for the time being", retry_after=taken.wait or _GOOD_FOR)
        await self._sleep(max(taken.wait.total_seconds(), 0.01))

    async def learn(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer's headers say. Nothing is written while the tool counts no fewer than we do."""
        remaining = self._read_headers(headers)
        if remaining is None or remaining.units >= self._left:
            return
        self._left = remaining.units
        now = self._clock()
        if remaining.units <= 0:
            await self.hold_back(now + remaining.anew_in)
        else:
            await self._write(lambda: request_budgets.lower(self._store, self._name, remaining.units, now))

    async def hold_back(self, until: datetime) -> None:
        """Let no worker call before a time."""
        self._units = 0
        await self._write(lambda: request_budgets.hold_back(self._store, self._name, until, self._clock()))

    async def _write(self, write: Callable[[], Awaitable[None]]) -> None:
        try:
            await write()
        except StoreAway as away:  # the call itself was answered: that counts more than the count
            log.warning("the request budget of %s is not written down: %s", self._name, away)


def budget_name(tool: str, credential: str) -> str:
    """The name of a credential's budget: whoever has the same credential shares it. It does not tell the credential."""
    return f"{tool}:{sha256(credential.encode()).hexdigest()[:16]}"
