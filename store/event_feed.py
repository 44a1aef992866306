"""The feed of events: every deal's story for other services, in one order in which nothing is passed over.

Triggers write a row into the feed in the transaction that writes the journal's line. A row gets its position only
once it is committed, from whoever holds the lock on the feed's head; the lock is held until that is committed too. So
whoever sees a position sees all that come before it, and a transaction that commits late gets a later position.

Times are the wall clock's; an event's ``at`` is the deal's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from sqlalchemy import Select, bindparam, delete, exists, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Store
from store.event_tables import event_feed, event_feed_head
from store.tables import journal, set_aside

SET_ASIDE = "entry_set_aside"
"""What an event is called that says that a line of the journal no longer holds. No entry is of this kind."""
LONGEST_HOLD = timedelta(minutes=10)
"""How long a deal's later lines wait for an earlier one on its way: two blocks of attempts at the effect with it."""
_AT_ONCE = 5000
_HEAD = 1


class FeedEvent(BaseModel):
    """A line that the journal got, or that was set aside, at its place in the feed."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    position: int
    deal_id: str
    number: int
    run: str
    kind: str
    at: AwareDatetime
    sentence: str
    entry: dict[str, JsonValue]
    set_aside: bool


class FeedPage(NamedTuple):
    """Events in the feed's order, and how far it goes."""

    events: tuple[FeedEvent, ...]
    read_up_to: int
    """No other event that was asked for has this position or a lower one."""
    head: int
    """The last position that was given."""
    deleted_up_to: int
    """Events up to there are no longer kept."""


class Unpublished(NamedTuple):
    """A row of the feed that has no position yet. ``complete``: all earlier lines of its deal are written."""

    id: int
    deal_id: str
    number: int
    set_aside: bool
    written_at: datetime
    complete: bool


async def publish(store: Store, now: datetime) -> int:
    """Give positions to what was committed since; returns how many. Safe from several processes at once.

    Raises:
        StoreAway: the database does not answer.
    """
    published = 0
    while await _has_unpublished(store):
        async with store.writing() as connection:
            head = await _lock_head(store, connection)
            rows = list(map(Unpublished._make, await connection.execute(_unpublished())))
            chosen = in_order(rows, now)[:_AT_ONCE]
            if chosen:
                await _number(connection, chosen, head)
        published += len(chosen)
        if len(chosen) < _AT_ONCE:
            break
    return published


def in_order(rows: Iterable[Unpublished], now: datetime) -> list[int]:
    """The ids of the rows that get a position now, in their order.

    A deal's lines are written by the activities of several effects, so a later one may be committed first. It waits
    for the earlier ones, though not for ever.
    """
    of_deals = groupby(sorted(rows, key=lambda row: (row.deal_id, row.id)), key=lambda row: row.deal_id)
    placed = [place for _, of_deal in of_deals for place in _of_deal(list(of_deal), now)]
    return [row.id for _, row in sorted(placed, key=lambda place: place[0])]


def _of_deal(rows: Sequence[Unpublished], now: datetime) -> list[tuple[int, Unpublished]]:
    """A deal's rows up to the first that waits, each with where it belongs among those of other deals."""
    # What a reset set aside stands between the lines before it and those that took their place.
    told = [
        row
        for aside, some in groupby(rows, key=lambda row: row.set_aside)
        for row in (some if aside else sorted(some, key=lambda row: row.number))
    ]
    placed, place = list[tuple[int, Unpublished]](), 0
    for row in told:
        if not (row.set_aside or row.complete) and now - row.written_at < LONGEST_HOLD:
            break
        place = max(place, row.id)
        placed.append((place, row))
    return placed


async def read(
    store: Store, after: int, *, kinds: Collection[str] = (), deals: Collection[str] = (), limit: int = 100
) -> FeedPage:
    """The events after a position: of these kinds and these deals, where any are named.

    Who asks for a kind also gets the events that say that a line of that kind was set aside.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        # The head first: whatever is committed between the two statements lies behind it.
        top = (await connection.execute(select(event_feed_head))).one_or_none()
        rows = await connection.execute(select_events(kinds, deals).where(event_feed.c.position > after).limit(limit))
        events = tuple(map(FeedEvent.model_validate, rows))
    known, deleted = (top.position, top.deleted_up_to) if top else (0, 0)
    head = max(known, events[-1].position if events else 0)
    return FeedPage(events, events[-1].position if len(events) == limit else max(after, head), head, deleted)


def select_events(kinds: Collection[str], deals: Collection[str]) -> Select[tuple[object, ...]]:
    """Selects what :func:`read` says, in the feed's order."""
    statement = select(event_feed).order_by(event_feed.c.position)
    if kinds:
        chosen = event_feed.c.kind.in_(sorted(kinds))
        statement = statement.where(or_(chosen, event_feed.c.set_aside) if SET_ASIDE in kinds else chosen)
    if deals:
        statement = statement.where(event_feed.c.deal_id.in_(sorted(deals)))
    return statement


async def delete_old(store: Store, before: datetime, limit: int = 1000, *, needed_from: int | None = None) -> int:
    """Delete the oldest events, if they were written before a time; returns how many, at most ``limit``.

    Those from the position ``needed_from`` on stay.

    Raises:
        StoreAway: the database does not answer.
    """
    oldest = (
        select(event_feed.c.position, event_feed.c.written_at)
        .where(event_feed.c.position.is_not(None))
        .order_by(event_feed.c.position)
        .limit(limit)
    )
    async with store.writing() as connection:
        await _lock_head(store, connection)
        old = list[int]()
        for position, written_at in await connection.execute(oldest):
            if written_at >= before or (needed_from is not None and position >= needed_from):
                break
            old.append(position)
        if old:
            await connection.execute(delete(event_feed).where(event_feed.c.position <= old[-1]))
            await connection.execute(update(event_feed_head).values(deleted_up_to=old[-1]))
    return len(old)


async def _has_unpublished(store: Store) -> bool:
    async with store.reading() as connection:
        return bool(await connection.scalar(select(exists().where(event_feed.c.position.is_(None)))))


async def _lock_head(store: Store, connection: AsyncConnection) -> int:
    """The last position that was given. Until this transaction ends, nobody else gives any."""
    first = {"id": _HEAD, "position": 0, "deleted_up_to": 0}
    await connection.execute(store.insert_new(event_feed_head), first)
    locked = update(event_feed_head).values(position=event_feed_head.c.position).returning(event_feed_head.c.position)
    return int((await connection.execute(locked)).scalar_one())


async def _number(connection: AsyncConnection, chosen: Sequence[int], head: int) -> None:
    places = [{"row": row, "place": head + place} for place, row in enumerate(chosen, start=1)]
    given = update(event_feed).where(event_feed.c.id == bindparam("row")).values(position=bindparam("place"))
    await connection.execute(given, places)
    await connection.execute(update(event_feed_head).values(position=head + len(chosen)))


def _unpublished() -> Select[tuple[int, str, int, bool, datetime, bool]]:
    written = union(
        *(
            select(table.c.number)
            .where(table.c.deal_id == event_feed.c.deal_id, table.c.number < event_feed.c.number)
            .correlate(event_feed)
            for table in (journal, set_aside)
        )
    ).subquery()
    before = select(func.count()).select_from(written).scalar_subquery()
    row = event_feed.c
    return select(
        row.id, row.deal_id, row.number, row.set_aside, row.written_at, (before == row.number - 1).label("complete")
    ).where(row.position.is_(None))
