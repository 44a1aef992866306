"""How many requests a tool still takes of one credential: one bucket, from which all workers take.

A tool counts in windows of its own, which begin when we do not know. So the bucket holds a fifth of what the tool
takes, and fills with seven tenths of it in the tool's time: no window, wherever it begins, gets more than it takes.

Times are the wall clock's; where the workers' clocks differ, the bucket's time never goes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from store.database import Store
from store.tool_tables import request_budgets

_BURST, _FILLED = 0.2, 0.7


@dataclass(frozen=True)
class Limit:
    """What a tool takes: at most ``most`` units in any ``per``."""

    most: int
    per: timedelta

    @property
    def burst(self) -> float:
        """What the bucket holds."""
        return max(1.0, self.most * _BURST)

    def filled(self, over: timedelta) -> float:
        """What comes into the bucket over a time."""
        return self.most * _FILLED * (over / self.per)

    def time_for(self, units: float) -> timedelta:
        """How long it takes for units to come."""
        return self.per * (units / (self.most * _FILLED))


@dataclass(frozen=True)
class Taken:
    """What a worker was given: ``units`` that it may spend, or how long to wait for as many as it asked for."""

    units: int
    left: float
    at: datetime
    """When they were counted, by the clock of the worker that takes them."""
    wait: timedelta = timedelta(0)


async def take(store: Store, name: str, limit: Limit, need: int, wish: int, clock: Callable[[], datetime]) -> Taken:
    """Take ``wish`` units out of a bucket, or as many as there are, if these are ``need``; otherwise none.

    ``clock`` is read when the bucket is ours alone: what was waited for it before is no time in which it filled.

    Raises:
        StoreAway: the database does not answer.
    """
    new = {"name": name, "left": limit.burst, "counted_at": clock()}
    row = select(request_budgets).where(request_budgets.c.name == name).with_for_update()
    async with store.writing() as connection:
        found = (await connection.execute(row)).one_or_none()
        if found is None:
            await connection.execute(store.insert_new(request_budgets), new)
            found = (await connection.execute(row)).one()
        now = clock()
        if found.held_until is not None and found.held_until > now:
            return Taken(0, 0, now, found.held_until - now)
        at = max(now, found.counted_at)
        left = min(limit.burst, found.left + limit.filled(at - found.counted_at))
        units = min(wish, int(left)) if left >= need else 0
        left -= units
        changes = {"left": left, "counted_at": at}
        await connection.execute(update(request_budgets).where(request_budgets.c.name == name).values(changes))
    wait = timedelta(0) if units else limit.time_for(need - left)
    return Taken(units, left, now, wait)


async def lower(store: Store, name: str, left: int, now: datetime) -> None:
    """Note that a tool counts fewer units than the bucket has.

    Raises:
        StoreAway: the database does not answer.
    """
    this = (request_budgets.c.name == name, request_budgets.c.left > left)
    async with store.writing() as connection:
        await connection.execute(update(request_budgets).where(*this).values(left=float(left), counted_at=now))


async def hold_back(store: Store, name: str, until: datetime, now: datetime) -> None:
    """Give nothing out before a time; one that is further away stays.

    Raises:
        StoreAway: the database does not answer.
    """
    insert = store.insert(request_budgets).values(name=name, left=0.0, counted_at=now, held_until=until)
    later = (request_budgets.c.held_until.is_(None)) | (request_budgets.c.held_until < until)
    changes = {"held_until": until, "left": 0.0, "counted_at": until}
    async with store.writing() as connection:
        await connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=changes, where=later))
