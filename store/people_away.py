"""Which colleagues are away until when, as somebody said: pools give them no deals meanwhile.

Whether somebody is away is asked in a deal's own time; ``said_at`` is the wall clock's. What contacts say of
themselves stands in ``store.absences``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.values.addresses import normal
from store.database import Store
from store.people_tables import people_away as table


class PersonAway(BaseModel):
    """Somebody who is away."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    person: str = Field(description="Their address, in its normal form.", examples=["max@us.example"])
    since: AwareDatetime = Field(description="From when on they are away.")
    until: AwareDatetime = Field(description="When they are back: from then on they get deals again.")
    said_by: str = Field(description="Who said so.", examples=["max@us.example"])
    said_at: AwareDatetime = Field(description="When that was said.")


class NoTimeAway(ValueError):
    """Somebody is back before they leave: give a later end."""


async def say_away(store: Store, person: str, since: datetime, until: datetime, *, by: str, now: datetime) -> None:
    """Note that somebody is away, in place of what was noted before.

    Raises:
        NoTimeAway: they are back before they leave.
        StoreAway: the database does not answer.
    """
    if until <= since:
        message = f"{normal(person)} would be back at {until:%Y-%m-%d %H:%M} UTC, and leave at {since:%Y-%m-%d %H:%M}"
        raise NoTimeAway(message)
    values = {"since": since, "until": until, "said_by": by, "said_at": now}
    insert = store.insert(table).values(person=normal(person), **values)
    async with store.writing() as connection:
        await connection.execute(insert.on_conflict_do_update(index_elements=["person"], set_=values))


async def say_back(store: Store, person: str) -> bool:
    """Note that somebody is back. Returns whether they had been away.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        gone = await connection.execute(delete(table).where(table.c.person == normal(person)))
    return gone.rowcount > 0


async def everybody(store: Store) -> list[PersonAway]:
    """All of whom something is noted, who is back first.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        found = await connection.execute(select(table).order_by(table.c.until, table.c.person))
        return [PersonAway.model_validate(row) for row in found]


async def find(store: Store, person: str) -> PersonAway | None:
    """What is noted of somebody; None when nothing is.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        row = (await connection.execute(select(table).where(table.c.person == normal(person)))).one_or_none()
    return None if row is None else PersonAway.model_validate(row)


async def away_at(connection: AsyncConnection, people: Collection[str], now: datetime) -> frozenset[str]:
    """Who of these people (addresses in their normal form) is away at a time, in the caller's transaction."""
    gone = (table.c.person.in_(people), table.c.since <= now, table.c.until > now)
    return frozenset(await connection.scalars(select(table.c.person).where(*gone)))
