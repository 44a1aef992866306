"""What people chose: how they are told of their work. The models stand in ``dealwright.preferences``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.preferences import ChosenPreferences
from dealwright.values.addresses import normal
from store.database import Store
from store.people_tables import people_preferences as table


async def chosen_by(store: Store, person: str) -> ChosenPreferences:
    """What a person (by e-mail address) chose.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        return (await chosen_by_each(connection, [normal(person)])).get(normal(person), ChosenPreferences())


async def chosen_by_each(connection: AsyncConnection, people: list[str]) -> dict[str, ChosenPreferences]:
    """What each of these people (by address in its normal form) chose, if anything."""
    found = await connection.execute(select(table).where(table.c.person.in_(people)))
    return {row.person: _chosen(row) for row in found}


async def everybody(store: Store, *, limit: int = 1000) -> dict[str, ChosenPreferences]:
    """All who chose anything, by address.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        found = await connection.execute(select(table).order_by(table.c.person).limit(limit))
        return {row.person: _chosen(row) for row in found}


async def choose(store: Store, person: str, chosen: ChosenPreferences, *, by: str, now: datetime) -> None:
    """Keep what a person chose, in place of what they chose before.

    Raises:
        StoreAway: the database does not answer.
    """
    values = {**chosen.model_dump(mode="json"), "changed_at": now, "changed_by": by}
    insert = store.insert(table).values(person=normal(person), **values)
    async with store.writing() as connection:
        await connection.execute(insert.on_conflict_do_update(index_elements=["person"], set_=values))


async def forget(store: Store, person: str) -> bool:
    """Let the installation's default hold for a person again. Returns whether they had chosen anything.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        gone = await connection.execute(delete(table).where(table.c.person == normal(person)))
    return gone.rowcount > 0


def _chosen(row: Row[tuple[object, ...]]) -> ChosenPreferences:
    known = {name: row._mapping[name] for name in ChosenPreferences.model_fields}  # noqa: SLF001 - SQLAlchemy's own
    return ChosenPreferences.model_construct(**known)
