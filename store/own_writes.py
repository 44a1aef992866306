"""What we write into other tools, kept before it is written: so what comes back of it is known as our own.

The answer to a write may be lost, and the write taken all the same. Each value of a property is kept by itself: of two
writes that follow each other the first may come back last. The rows stand among the mirrored values, their ``at`` is
the time until which a change to this value is ours. It is the tool's time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import JsonValue
from sqlalchemy import ColumnElement, and_, or_, update

from dealwright.fingerprints import fingerprint
from store.database import Store, canonical_json
from store.tool_tables import mirrored_values

_MEANT = "~meant:"
SAME_MOMENT = timedelta(seconds=1)
"""How much later than its answer said a write may be told to have happened: some tools tell whole seconds."""


async def announce(
    store: Store, source: str, object_id: str, values: Mapping[str, JsonValue], *, until: datetime
) -> None:
    """Say what is about to be written. Changes to these values are ours until a time, or until more is known.

    Raises:
        StoreAway: the database does not answer.
    """
    if not values:
        return
    rows = [
        {"source": source, "object_id": object_id, "property": row_name(name, value), "value": canonical_json(value),
         "at": until}
        for name, value in sorted(values.items())
    ]  # fmt: skip
    insert = store.insert(mirrored_values)
    statement = insert.on_conflict_do_update(
        index_elements=["source", "object_id", "property"], set_={"at": insert.excluded["at"]}
    )
    async with store.writing() as connection:
        await connection.execute(statement, rows)


async def answered(store: Store, source: str, object_id: str, names: Collection[str], at: datetime) -> None:
    """Say that a write of these properties was taken at a time: what was announced before came no later.

    Raises:
        StoreAway: the database does not answer.
    """
    if not names:
        return
    until = at + SAME_MOMENT
    any_value = or_(*(mirrored_values.c.property.startswith(f"{_MEANT}{name}:", autoescape=True) for name in names))
    this = and_(_of(source, object_id), any_value, mirrored_values.c.at > until)
    async with store.writing() as connection:
        await connection.execute(update(mirrored_values).where(this).values(at=until))


async def withdraw(store: Store, source: str, object_id: str, values: Mapping[str, JsonValue]) -> None:
    """Say that these values were not written: the tool refused them.

    Raises:
        StoreAway: the database does not answer.
    """
    rows = [row_name(name, value) for name, value in values.items()]
    async with store.writing() as connection:
        await connection.execute(
            mirrored_values.delete().where(_of(source, object_id), mirrored_values.c.property.in_(rows))
        )


class Known(Protocol):
    """What the mirror has under a name."""

    @property
    def at(self) -> datetime:
        """Its time."""


def is_own(known: Mapping[str, Known], name: str, value: JsonValue, at: datetime) -> bool:
    """Whether a change to this value at a time is our own write coming back; ``known`` is what the mirror has."""
    meant = known.get(row_name(name, value))
    return meant is not None and at <= meant.at


def row_name(name: str, value: JsonValue) -> str:
    """The name under which it stands among the mirrored values that a property's value is ours."""
    return f"{_MEANT}{name}:{fingerprint(name, canonical_json(value))}"


def _of(source: str, object_id: str) -> ColumnElement[bool]:
    return and_(mirrored_values.c.source == source, mirrored_values.c.object_id == object_id)
