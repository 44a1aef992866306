"""What an object of another tool is last known to hold, so that its echo of our own write is known as one.

Written when we write there, and when an event or a poll tells. Of two values of one property the later one holds.
Whoever hears of values asks first (``compare``), keeps what is new in the intake, and only then notes it: noted the
other way round, a crash in between would lose it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Store, canonical_json
from store.tool_tables import mirrored_values

_HOLDER = "~holder"


@dataclass(frozen=True)
class Mirrored:
    """What a property held at a time."""

    value: JsonValue
    at: datetime


@dataclass(frozen=True)
class Comparison:
    """What is heard of an object, beside what is known of it."""

    new: Mapping[str, JsonValue]
    """Other values than those that are known."""
    same: frozenset[str]
    """Properties that are known to hold this: an echo of our own write, or told before."""
    stale: frozenset[str]
    """Properties of which something later is known."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who takes an object, and from whom."""

    holder: str
    at: datetime
    unless_held_since: datetime
    instead_of: str | None = None
    """A holder who needs it no more."""
    noting: Mapping[str, JsonValue] | None = None
    """What the object holds from then on, if the holder has it."""


async def known(store: Store, source: str, object_id: str) -> dict[str, Mirrored]:
    """What an object is last known to hold, by property.

    Raises:
        StoreAway: the database does not answer.
    """
    columns = (mirrored_values.c.property, mirrored_values.c.value, mirrored_values.c.at)
    this = (mirrored_values.c.source == source, mirrored_values.c.object_id == object_id)
    async with store.reading() as connection:
        rows = await connection.execute(select(*columns).where(*this))
        return {row.property: Mirrored(json.loads(row.value), row.at) for row in rows}


async def not_noted_since(
    store: Store, source: str, name: str, values: Collection[JsonValue], since: datetime, *, limit: int
) -> list[str]:
    """Objects of which a property is known to hold one of these values, and was last noted before a time.

    Raises:
        StoreAway: the database does not answer.
    """
    c = mirrored_values.c
    this = (c.source == source, c.property == name, c.value.in_([canonical_json(one) for one in values]), c.at < since)
    statement = select(c.object_id).where(*this).order_by(c.object_id).limit(limit)
    async with store.reading() as connection:
        return [*(await connection.scalars(statement)).all()]


async def compare(
    store: Store, source: str, object_id: str, values: Mapping[str, JsonValue], at: datetime
) -> Comparison:
    """Compare what is heard, as of a time, with what is known.

    Raises:
        StoreAway: the database does not answer.
    """
    there = await known(store, source, object_id)
    same = {name for name, value in values.items() if name in there and _same(there[name].value, value)}
    stale = {name for name in values if name in there and there[name].at > at} - same
    new = {name: value for name, value in values.items() if name not in same | stale}
    return Comparison(new, frozenset(same), frozenset(stale))


async def note(store: Store, source: str, object_id: str, values: Mapping[str, JsonValue], at: datetime) -> None:
    """Note what an object holds since a time. What is known of a later one stays.

    Raises:
        StoreAway: the database does not answer.
    """
    if values:
        async with store.writing() as connection:
            await _note(store, connection, source, object_id, values, at)


async def claim(
    store: Store, source: str, object_id: str, holder: str, at: datetime, *, unless_held_since: datetime
) -> str:
    """Take an object for one holder, and return who has it: the first who asked, until they last did too long ago.

    For what a tool would make twice if two asked for it at once, and cannot be told to make once.

    Raises:
        StoreAway: the database does not answer.
    """
    return await take(store, source, object_id, Claim(holder=holder, at=at, unless_held_since=unless_held_since))


async def take(store: Store, source: str, object_id: str, wanted: Claim) -> str:
    """Take an object as ``claim`` does, where more is to be said of it.

    Raises:
        StoreAway: the database does not answer.
    """
    key = {"source": source, "object_id": object_id, "property": _HOLDER}
    row = {**key, "value": canonical_json(wanted.holder), "at": wanted.at}
    this = [mirrored_values.c[name] == value for name, value in key.items()]
    may_give = [canonical_json(one) for one in (wanted.holder, wanted.instead_of) if one is not None]
    is_free = or_(mirrored_values.c.value.in_(may_give), mirrored_values.c.at < wanted.unless_held_since)
    async with store.writing() as connection:
        await connection.execute(store.insert_new(mirrored_values), [row])
        taken = {"value": row["value"], "at": wanted.at}
        await connection.execute(update(mirrored_values).where(*this, is_free).values(**taken))
        has_it = str(json.loads((await connection.execute(select(mirrored_values.c.value).where(*this))).scalar_one()))
        if wanted.noting and has_it == wanted.holder:
            await _note(store, connection, source, object_id, wanted.noting, wanted.at)
    return has_it


async def give_up(store: Store, source: str, object_id: str, holder: str) -> None:
    """Forget an object, if this holder has it.

    Raises:
        StoreAway: the database does not answer.
    """
    c, had = mirrored_values.c, mirrored_values.alias()
    held = (had.c.source == source, had.c.object_id == object_id, had.c.property == _HOLDER)
    is_held = select(had.c.value).where(*held, had.c.value == canonical_json(holder)).exists()
    async with store.writing() as connection:
        await connection.execute(mirrored_values.delete().where(c.source == source, c.object_id == object_id, is_held))


async def forget(store: Store, source: str, object_id: str) -> None:
    """Forget an object: it was deleted there.

    Raises:
        StoreAway: the database does not answer.
    """
    this = (mirrored_values.c.source == source, mirrored_values.c.object_id == object_id)
    async with store.writing() as connection:
        await connection.execute(mirrored_values.delete().where(*this))


async def _note(
    store: Store,
    connection: AsyncConnection,
    source: str,
    object_id: str,
    values: Mapping[str, JsonValue],
    at: datetime,
) -> None:
    rows = [
        {"source": source, "object_id": object_id, "property": name, "value": canonical_json(value), "at": at}
        for name, value in sorted(values.items())
    ]
    insert = store.insert(mirrored_values)
    later = {name: insert.excluded[name] for name in ("value", "at")}
    statement = insert.on_conflict_do_update(
        index_elements=["source", "object_id", "property"], set_=later, where=mirrored_values.c.at <= insert.excluded.at
    )
    await connection.execute(statement, rows)


def _same(one: JsonValue, other: JsonValue) -> bool:
    return canonical_json(one) == canonical_json(other)
