"""Keeps the events of requests that come at the same time in one transaction: a commit costs more than its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from store import intake
from store.database import Store
from store.errors import StoreAway
from store.intake import Event, IntakeRow

MOST_TOGETHER = 500
"""Events of several requests that are kept in one transaction."""


@dataclass
class _Waiting:
    """A request's events, and who waits until they are kept."""

    events: Sequence[Event]
    kept: asyncio.Future[list[IntakeRow]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Keeper:
    """Writes events to the intake. While it writes, what comes meanwhile gathers for the next transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, events: Sequence[Event]) -> list[IntakeRow]:
        """Keep a request's events, all of them or none; returns those that were new, once they are committed.

        Raises:
            StoreAway: nothing was kept; the source must hear an error, so that it tries again.
        """
        if not events:
            return []
        self._waiting.append(waiting := _Waiting(events))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name="intake")
        return await waiting.kept

    async def _write(self) -> None:
        while self._waiting:
            together = self._next()
            try:
                new = await intake.add(self._store, [event for one in together for event in one.events])
            except StoreAway as error:
                _tell(together, error)
            except Exception:  # noqa: BLE001 - what one request's events do to a transaction is no other's business
                for one in together:
                    await self._write_alone(one)
            else:
                _share_out(together, new)

    async def _write_alone(self, one: _Waiting) -> None:
        try:
            _share_out([one], await intake.add(self._store, one.events))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            _tell([one], error)

    def _next(self) -> list[_Waiting]:
        room, count = MOST_TOGETHER, 0
        for one in self._waiting:
            room -= len(one.events)
            if count and room < 0:
                break
            count += 1
        together, self._waiting = self._waiting[:count], self._waiting[count:]
        return together


def _share_out(together: Sequence[_Waiting], new: Sequence[IntakeRow]) -> None:
    """Give each request its new events; of one that came in several of them, the first has the row."""
    rows = {(row.source, row.event_id): row for row in new}
    for one in together:
        found = [rows.pop(key, None) for key in dict.fromkeys((event.source, event.event_id) for event in one.events)]
        if not one.kept.done():
            one.kept.set_result([row for row in found if row is not None])


def _tell(together: Sequence[_Waiting], error: Exception) -> None:
    for one in together:
        if not one.kept.done():
            one.kept.set_exception(error)
