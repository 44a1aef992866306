"""What other tools reported: kept before it is passed on, so that a source that never retries loses nothing.

All times here are the wall clock's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from sqlalchemy import Row, delete, func, select, update

from store.database import Store
from store.tables import crm_links, intake


class IntakeState(StrEnum):
    """How far an event has come."""

    WAITING = "waiting"
    """To be passed on, now or from ``not_before`` on."""
    DISPATCHED = "dispatched"
    UNMATCHED = "unmatched"
    """No deal is known for its reference; :func:`link` makes it wait again."""
    REFUSED = "refused"
    """It can never be passed on; ``last_error`` says why."""
    CLOSED_DEAL = "closed_deal"
    """Its deal is finished: kept, and shown as such."""
    SKIPPED = "skipped"
    """Nothing to pass on, and nothing wrong: the echo of our own write, a type that nobody mapped."""


_DONE = (IntakeState.DISPATCHED, IntakeState.REFUSED, IntakeState.CLOSED_DEAL, IntakeState.SKIPPED)


class Event(BaseModel):
    """One event of a source, mapped to a fact but not yet passed on.

    ``deal_ref`` is how the source names the deal: a deal id, or the id of an object (see :func:`link`).
    One that is not to be passed on is kept with its ``state``, and with why in ``last_error``.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    event_id: str
    deal_ref: str | None
    fact: str
    payload: dict[str, JsonValue]
    received_at: AwareDatetime
    state: IntakeState = IntakeState.WAITING
    last_error: str | None = None


class IntakeRow(Event):
    """An event as it stands in the intake."""

    id: int
    attempts: int
    not_before: AwareDatetime
    dispatched_at: AwareDatetime | None


async def take_in(store: Store, events: Sequence[Event]) -> list[IntakeRow]:
    """Keep the events, in one transaction; returns those that were new, in the order given.

    A source's event that is already there is left as it is: same ``source`` and ``event_id``.

    Raises:
        StoreAway: nothing was kept; the source must hear an error, so that it tries again.
    """
    if not events:
        return []
    values = [_values(event) for event in events]
    statement = store.insert_new(intake).returning(*intake.c)
    async with store.writing() as connection:
        rows = (await connection.execute(statement, values)).all()
    order = {(event.source, event.event_id): position for position, event in enumerate(reversed(events))}
    taken = [_row(row) for row in rows]
    return sorted(taken, key=lambda row: -order[row.source, row.event_id])


async def waiting(store: Store, limit: int, now: datetime) -> list[IntakeRow]:
    """Events that are to be passed on now, the oldest first."""
    statement = (
        select(intake)
        .where(intake.c.state == IntakeState.WAITING, intake.c.not_before <= now)
        .order_by(intake.c.id)
        .limit(limit)
    )
    async with store.reading() as connection:
        return [_row(row) for row in await connection.execute(statement)]


async def unmatched(store: Store, sources: Collection[str], limit: int, now: datetime) -> list[IntakeRow]:
    """Events of these sources that found no deal and are to be tried again now, the oldest first."""
    statement = (
        select(intake)
        .where(
            intake.c.state == IntakeState.UNMATCHED, intake.c.not_before <= now, intake.c.source.in_(sorted(sources))
        )
        .order_by(intake.c.id)
        .limit(limit)
    )
    async with store.reading() as connection:
        return [_row(row) for row in await connection.execute(statement)]


async def mark(
    store: Store,
    row_id: int,
    state: IntakeState,
    *,
    at: datetime,
    error: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write down how an attempt to pass an event on ended.

    For one to be tried again, ``state`` stays ``WAITING`` and ``not_before`` says from when on.
    """
    changes: dict[str, object] = {"state": state, "attempts": intake.c.attempts + 1, "last_error": error}
    if state is IntakeState.DISPATCHED:
        changes["dispatched_at"] = at
    if not_before is not None:
        changes["not_before"] = not_before
    async with store.writing() as connection:
        await connection.execute(update(intake).where(intake.c.id == row_id).values(changes))


async def recent(
    store: Store, *, state: IntakeState | None = None, source: str | None = None, limit: int = 100
) -> list[IntakeRow]:
    """The newest events, the newest first."""
    statement = select(intake).order_by(intake.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(intake.c.state == state)
    if source is not None:
        statement = statement.where(intake.c.source == source)
    async with store.reading() as connection:
        return [_row(row) for row in await connection.execute(statement)]


async def counts(store: Store) -> dict[IntakeState, int]:
    """How many events there are in each state."""
    statement = select(intake.c.state, func.count()).group_by(intake.c.state)
    async with store.reading() as connection:
        return {IntakeState(state): count for state, count in await connection.execute(statement)}


async def forget(store: Store, before: datetime, limit: int) -> int:
    """Delete events that came before a time and have come as far as they will; returns how many, at most ``limit``.

    Those that wait, or found no deal, stay. A source's event that is sent again after this counts as new.
    """
    old = select(intake.c.id).where(intake.c.received_at < before, intake.c.state.in_(_DONE)).limit(limit)
    async with store.writing() as connection:
        gone = await connection.execute(delete(intake).where(intake.c.id.in_(old)))
    return gone.rowcount


async def link(store: Store, source: str, object_id: str, deal_id: str) -> int:
    """Say which deal an object of a source belongs to; the newest word counts.

    Events about this object that found no deal wait again; returns how many.
    """
    insert = store.insert(crm_links).values(source=source, object_id=object_id, deal_id=deal_id)
    found = (intake.c.source == source, intake.c.deal_ref == object_id, intake.c.state == IntakeState.UNMATCHED)
    async with store.writing() as connection:
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["source", "object_id"], set_={"deal_id": deal_id})
        )
        woken = await connection.execute(
            update(intake).where(*found).values(state=IntakeState.WAITING, not_before=intake.c.received_at)
        )
    return woken.rowcount


async def deal_for(store: Store, source: str, object_id: str) -> str | None:
    """The deal that an object of a source belongs to, if it is known."""
    statement = select(crm_links.c.deal_id).where(crm_links.c.source == source, crm_links.c.object_id == object_id)
    async with store.reading() as connection:
        found: str | None = await connection.scalar(statement)
    return found


def _values(event: Event) -> dict[str, object]:
    return {
        **event.model_dump(),
        "attempts": 0,
        "not_before": event.received_at,
        "dispatched_at": None,
    }


def _row(row: Row[Any]) -> IntakeRow:  # a row's columns are checked by the model
    return IntakeRow.model_validate(row._mapping)  # noqa: SLF001 - the documented public name of a row's columns
