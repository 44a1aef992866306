"""Who was told of which piece of work, by which message: a piece is told to a person once.

A task is told once for good. An approval or handoff that is asked anew, later, is told anew. Whoever writes the row
tells; so a letter that an effect sends, and a message that is planned here, never tell of the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database import Store
from store.people_tables import told_work
from store.tables import open_work

NOBODY = ""
"""The message of what a person is not told, since they want no messages."""
_MOST = 5000
_KEY = ("deal_id", "kind", "id", "person")
_SAME = and_(*(told_work.c[name] == open_work.c[name] for name in _KEY))


class Piece(NamedTuple):
    """One piece of work of one person (by address in its normal form)."""

    deal_id: str
    kind: str
    id: str
    person: str
    asked_at: datetime
    on_list_at: datetime | None = None
    """When it will be put on the person's list, if nothing comes up before."""


async def untold(connection: AsyncConnection) -> list[Piece]:
    """What is open, of people with an address, and was not told to them yet; the oldest first."""
    asked_anew = and_(open_work.c.kind != "task", told_work.c.asked_at < open_work.c.asked_at)
    statement = (
        select(*(open_work.c[name] for name in _KEY), open_work.c.asked_at, open_work.c.content)
        .select_from(open_work.outerjoin(told_work, _SAME))
        .where(open_work.c.person.contains("@"), or_(told_work.c.message.is_(None), asked_anew))
        .order_by(open_work.c.asked_at, open_work.c.deal_id, open_work.c.id)
        .limit(_MOST)
    )
    rows = await connection.execute(statement)
    return [Piece(*row[:5], on_list_at=_time(row.content.get("on_list_at"))) for row in rows]


async def claim(store: Store, connection: AsyncConnection, piece: Piece, message: str) -> bool:
    """Have a message tell of a piece, in the caller's transaction. False when another one tells, or told, of it."""
    row = {**{name: getattr(piece, name) for name in (*_KEY, "asked_at")}, "message": message}
    insert = store.insert(told_work).values(row)
    anew = and_(told_work.c.kind != "task", told_work.c.asked_at < insert.excluded.asked_at)
    changes = {"asked_at": insert.excluded.asked_at, "message": insert.excluded.message}
    await connection.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=changes, where=anew))
    this = and_(*(told_work.c[name] == row[name] for name in _KEY))
    return await connection.scalar(select(told_work.c.message).where(this)) == message


async def claim_for_letter(store: Store, piece: Piece, effect_id: str) -> bool:
    """Have an effect's letter tell of what it asks. False when a message did so already.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        this = and_(*(open_work.c[name] == getattr(piece, name) for name in _KEY))
        asked_at = await connection.scalar(select(open_work.c.asked_at).where(this))
        return await claim(store, connection, piece._replace(asked_at=asked_at or piece.asked_at), effect_id)


async def teller_of(store: Store, piece: Piece) -> str | None:
    """The message or effect that tells of a piece, or told of it.

    Raises:
        StoreAway: the database does not answer.
    """
    this = and_(*(told_work.c[name] == getattr(piece, name) for name in _KEY))
    async with store.reading() as connection:
        message: str | None = await connection.scalar(select(told_work.c.message).where(this))
        return message


async def tellers_of(store: Store, deal_id: str) -> set[str]:
    """The messages and effects that tell of a deal's work, or told of it.

    Raises:
        StoreAway: the database does not answer.
    """
    statement = select(told_work.c.message).where(told_work.c.deal_id == deal_id, told_work.c.message != NOBODY)
    async with store.reading() as connection:
        return set(await connection.scalars(statement))


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
