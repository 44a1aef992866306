"""The intake: webhook events are written here before delivery, so that a source that never retries loses nothing.

All times here are the wall clock's.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import JsonValue
from sqlalchemy import Select, and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import Over
from sqlalchemy.sql.functions import FunctionElement

from store.database import Store, canonical_json
from store.intake_rows import Event, IntakeRow, IntakeState, given_id, read_rows, row_of
from store.tables import crm_links, intake

__all__ = ["Event", "IntakeRow", "IntakeState"]

log = logging.getLogger(__name__)
S = TypeVar("S", bound=tuple[Any, ...])
T = TypeVar("T")

HINT = "fetch"
"""In the place of a fact's name: what the payload's ``what`` points at is looked up first."""
_DONE = (
    IntakeState.DISPATCHED,
    IntakeState.REFUSED,
    IntakeState.CLOSED_DEAL,
    IntakeState.SKIPPED,
    IntakeState.SET_ASIDE,
)
_STATES = frozenset(IntakeState)
_LONGEST_WAIT = timedelta(days=1)
"""Longer than any event is made to wait: what is to wait longer has a wrong time."""
_ASIDE = timedelta(hours=1)
"""How long what cannot be read is left alone."""


async def add(store: Store, events: Sequence[Event]) -> list[IntakeRow]:
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
    taken = [row_of(row) for row in rows]
    return sorted(taken, key=lambda row: -order[row.source, row.event_id])


async def add_with(store: Store, connection: AsyncConnection, events: Sequence[Event]) -> None:
    """Keep events that follow from what is written, in the caller's transaction; those already there are left."""
    if events:
        await connection.execute(store.insert_new(intake), [_values(event) for event in events])


async def conflicting(store: Store, events: Sequence[Event]) -> list[Event]:
    """Those of the events that are there already with other content, told of the same or another deal.

    What is not to be passed on is not compared: it is kept as it came, and a second delivery may count its attempts.
    Of a hint counts what it points at: one that came by another way is worded otherwise, and means the same. Where one
    of both does not say when it happened, as a reading that does not know it, times are not compared.
    """
    told = {event.event_id: event for event in events if event.state is IntakeState.WAITING}
    keys = [(event.source, event.event_id) for event in told.values()]
    columns = (intake.c.event_id, intake.c.deal_ref, intake.c.fact, intake.c.payload)
    there = select(*columns).where(tuple_(intake.c.source, intake.c.event_id).in_(keys), intake.c.fact != "")
    async with store.reading() as connection:
        rows = (await connection.execute(there)).all()
    pairs = [(told[row.event_id], (row.deal_ref, row.fact, row.payload)) for row in rows]
    return [
        event
        for event, (ref, fact, payload) in pairs
        if (event.deal_ref, event.fact) != (ref, fact)
        or _content(fact, event.payload, payload) != _content(fact, payload, event.payload)
    ]


async def known_ids(store: Store, source: str, event_ids: Collection[str]) -> set[str]:
    """Those of a source's events that are there already, by their ids."""
    statement = select(intake.c.event_id).where(intake.c.source == source, intake.c.event_id.in_(sorted(event_ids)))
    async with store.reading() as connection:
        return set((await connection.scalars(statement)).all())


async def due(store: Store, limit: int, now: datetime, *, per_deal: int | None = None) -> list[IntakeRow]:
    """Events that are to be passed on now, the oldest first: of each deal at most ``per_deal``, and of every deal some.

    What is for one deal comes in its order: an event that is to wait holds up those that came after it. A row that
    cannot be read is set aside, and holds up nothing.
    """
    due = case((intake.c.not_before > now + _LONGEST_WAIT, intake.c.received_at), else_=intake.c.not_before)
    ranked = (
        select(
            intake.c.id,
            _in_its_deal(func.row_number()).label("place"),
            _in_its_deal(func.max(due)).label("held_until"),
        )
        .where(intake.c.state == IntakeState.WAITING)
        .subquery()
    )
    chosen = select(ranked.c.id).where(ranked.c.held_until <= now).order_by(ranked.c.place, ranked.c.id).limit(limit)
    return await _read(store, chosen if per_deal is None else chosen.where(ranked.c.place <= per_deal), now)


def _in_its_deal(function: FunctionElement[T]) -> Over[T]:
    return function.over(partition_by=(intake.c.source, intake.c.deal_ref), order_by=intake.c.id)


async def unmatched_due(store: Store, sources: Collection[str], limit: int, now: datetime) -> list[IntakeRow]:
    """Events that found no deal and are to be tried again now, the oldest first: of these sources, or with contacts."""
    again = or_(intake.c.source.in_(sorted(sources)), intake.c.contacts.is_not(None))
    return await _read(store, _due(IntakeState.UNMATCHED, limit, now).where(again), now)


async def set_aside_due(store: Store, limit: int, now: datetime) -> list[IntakeRow]:
    """Events that were set aside and are to be tried again now: a later release may be able to read them."""
    return await _read(store, _due(IntakeState.SET_ASIDE, limit, now), now)


def _due(state: IntakeState, limit: int, now: datetime) -> Select[int]:
    return (
        select(intake.c.id)
        .where(intake.c.state == state, intake.c.not_before <= now)
        .order_by(intake.c.id)
        .limit(limit)
    )


async def _read(store: Store, chosen: Select[int], now: datetime) -> list[IntakeRow]:
    async with store.reading() as connection:
        rows = await read_rows(connection, sorted((await connection.scalars(chosen)).all()))
    for row in rows.unreadable:
        log.error("row %d of the intake is set aside: %s", row.id, row.last_error)
        await mark(store, row.id, IntakeState.SET_ASIDE, at=now, error=row.last_error, not_before=now + _ASIDE)
    return rows.read


async def delay_deal(store: Store, source: str, deal_ref: str, until: datetime) -> None:
    """Pass nothing on to a deal before a time: its first event waits until then, and the others behind it."""
    first = (
        select(func.min(intake.c.id))
        .where(intake.c.source == source, intake.c.deal_ref == deal_ref, intake.c.state == IntakeState.WAITING)
        .scalar_subquery()
    )
    async with store.writing() as connection:
        await connection.execute(update(intake).where(intake.c.id == first).values(not_before=until))


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


async def mark_dispatched(store: Store, row_ids: Collection[int], at: datetime) -> None:
    """Write down that these events have reached their deals.

    Raises:
        StoreAway: the database does not answer; they are passed on once more, and their deals take each fact once.
    """
    if not row_ids:
        return
    changes = {"state": IntakeState.DISPATCHED, "attempts": intake.c.attempts + 1, "last_error": None}
    async with store.writing() as connection:
        await connection.execute(
            update(intake).where(intake.c.id.in_(sorted(row_ids))).values(**changes, dispatched_at=at)
        )


async def recent(
    store: Store, *, state: IntakeState | None = None, source: str | None = None, limit: int = 100
) -> list[IntakeRow]:
    """The newest events, the newest first; of one that cannot be read, what can be shown."""
    chosen = select(intake.c.id).order_by(intake.c.id.desc()).limit(limit)
    if state is not None:
        chosen = chosen.where(intake.c.state == state)
    async with store.reading() as connection:
        rows = await read_rows(connection, (await connection.scalars(_of(chosen, source))).all())
    return sorted([*rows.read, *rows.unreadable], key=lambda row: -row.id)


async def counts(store: Store, *, source: str | None = None) -> dict[IntakeState, int]:
    """How many events there are in each state; a state of a later release counts as set aside."""
    found: dict[IntakeState, int] = {}
    async with store.reading() as connection:
        for state, count in await connection.execute(
            _of(select(intake.c.state, func.count()).group_by(intake.c.state), source)
        ):
            known = IntakeState(state) if state in _STATES else IntakeState.SET_ASIDE
            found[known] = found.get(known, 0) + count
    return found


def _of(statement: Select[S], source: str | None) -> Select[S]:
    return statement if source is None else statement.where(intake.c.source == source)


async def delete_done(store: Store, before: datetime, limit: int, longer: Mapping[str, datetime] | None = None) -> int:
    """Delete events that came before a time and have come as far as they will; returns how many, at most ``limit``.

    Those that wait, or found no deal, stay. ``longer`` has another time for some sources. A source's event that is
    sent again after this counts as new.
    """
    of_some = [and_(intake.c.source == source, intake.c.received_at < time) for source, time in (longer or {}).items()]
    old_enough = or_(and_(intake.c.source.not_in(longer or ()), intake.c.received_at < before), *of_some)
    old = select(intake.c.id).where(old_enough, intake.c.state.in_(_DONE)).limit(limit)
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


async def linked_deal(store: Store, source: str, object_id: str) -> str | None:
    """The deal that an object of a source belongs to, if it is known."""
    statement = select(crm_links.c.deal_id).where(crm_links.c.source == source, crm_links.c.object_id == object_id)
    async with store.reading() as connection:
        found: str | None = await connection.scalar(statement)
    return found


async def linked_deals(store: Store, objects: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The deals that objects (source, id) belong to, as far as they are known."""
    if not objects:
        return {}
    key = tuple_(crm_links.c.source, crm_links.c.object_id)
    statement = select(crm_links).where(key.in_(sorted(objects)))
    async with store.reading() as connection:
        rows = await connection.execute(statement)
        return {(row.source, row.object_id): row.deal_id for row in rows}


def _values(event: Event) -> dict[str, object]:
    return {
        **event.model_dump(),
        "contacts": " ".join(event.contacts) or None,
        "given_id": given_id(event),
        "attempts": 0,
        "not_before": event.received_at,
        "dispatched_at": None,
    }


def _content(fact: str, payload: Mapping[str, JsonValue], beside: Mapping[str, JsonValue]) -> object:
    """What of an event's payload is compared with that of another one under its id."""
    said = {name: value for name, value in payload.items() if name != "at" or "at" in beside}
    return json.loads(canonical_json(said.get("what") if fact == HINT else said))
