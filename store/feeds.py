"""How each source is heard of: by webhooks, and by reading it. All times are the wall clock's."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import select

from store.database import Store
from store.tool_tables import feeds


class Feed(BaseModel):
    """One source, as it is heard of."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    source: str
    cursor: str | None = None
    """Where reading goes on."""
    polled_at: AwareDatetime | None = None
    found_at: AwareDatetime | None = None
    """When reading last found what no webhook had brought."""
    heard_at: AwareDatetime | None = None
    """When a webhook last came."""
    told_at: AwareDatetime | None = None
    """When people were last told that something is wrong with it."""


async def of(store: Store, source: str) -> Feed:
    """How a source is heard of.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        found = (await connection.execute(select(feeds).where(feeds.c.source == source))).one_or_none()
    return Feed(source=source) if found is None else Feed.model_validate(found)


async def read_at(store: Store) -> dict[str, datetime]:
    """When each source was last read, of those that are.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        rows = await connection.execute(select(feeds.c.source, feeds.c.polled_at).where(feeds.c.polled_at.is_not(None)))
        return {row.source: row.polled_at for row in rows}


async def polled(store: Store, source: str, cursor: str, now: datetime, *, found: bool) -> None:
    """A page was read, and what was in it is kept.

    Raises:
        StoreAway: the database does not answer.
    """
    await _put(store, source, {"cursor": cursor, "polled_at": now, **({"found_at": now} if found else {})})


async def heard(store: Store, source: str, now: datetime) -> None:
    """A webhook came.

    Raises:
        StoreAway: the database does not answer.
    """
    await _put(store, source, {"heard_at": now})


async def told(store: Store, source: str, now: datetime) -> None:
    """People were told that something is wrong.

    Raises:
        StoreAway: the database does not answer.
    """
    await _put(store, source, {"told_at": now})


async def _put(store: Store, source: str, changes: dict[str, object]) -> None:
    insert = store.insert(feeds).values(source=source, **changes)
    async with store.writing() as connection:
        await connection.execute(insert.on_conflict_do_update(index_elements=["source"], set_=changes))
