"""Messages to people about their work: planned once, handed over once, and what became of each.

A plan is one transaction: a message, and the pieces of work that it tells of. Times are the wall clock's.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.preferences import ChosenPreferences, Preferences
from dealwright.values.addresses import normal
from store import preferences, told_work
from store.database import Store
from store.people_tables import work_messages as table
from store.told_work import NOBODY, Piece

State: TypeAlias = Literal["waiting", "done", "skipped", "failed", "uncertain"]
LETTERS_GO_FIRST = timedelta(minutes=2)
"""So long an approval or a handoff is left to the letter of its own effect, for those who read mail at once."""
_KEPT_FOR = timedelta(days=30)
_MOST_AT_ONCE = 200


class WorkMessage(BaseModel):
    """A message to a person, and what became of it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str = Field(description="Its id.", examples=["work/5b2f0c"])
    person: str = Field(description="Whom it tells.", examples=["max@us.example"])
    digest_on: str | None = Field(description="Of a digest: the person's own day.", examples=["2026-11-24"])
    planned_at: AwareDatetime = Field(description="Since when it is to go out.", examples=["2026-11-24T09:30:00Z"])
    state: State = Field(
        description="`waiting`; `done`; `skipped`, since nothing of it was open any more, or mail to the address "
        "bounces; `failed`, it was refused; `uncertain`, nobody knows, and it is not sent again.",
        examples=["done"],
    )
    channel: str | None = Field(description="By which way it goes, once that is settled.", examples=["mail"])
    reason: str | None = Field(description="Why it did not arrive.", examples=[None])
    settled_at: AwareDatetime | None = Field(description="Since when it is settled.", examples=["2026-11-24T09:30:02Z"])


@dataclass(frozen=True)
class _Plan:
    store: Store
    connection: AsyncConnection
    now: datetime

    async def for_person(self, person: str, pieces: list[Piece], wanted: Preferences) -> None:
        digest_on = None
        if wanted.channel == "none":
            for piece in pieces:
                await told_work.claim(self.store, self.connection, piece, NOBODY)
            return
        if wanted.delivery == "digest":
            moment, digest_on = wanted.digest_moment(self.now), wanted.today(self.now)
            if moment is None or await self._had_digest(person, digest_on):
                return
            pieces = [piece for piece in pieces if piece.asked_at <= moment]
        elif wanted.channel == "mail":
            pieces = [piece for piece in pieces if piece.kind == "task" or self._letter_is_late(piece)]
        if not pieces:
            return
        message = f"work/{uuid.uuid4().hex}"
        row = {"id": message, "person": person, "digest_on": digest_on, "planned_at": self.now, "state": "waiting"}
        if not (await self.connection.execute(self.store.insert_new(table), row)).rowcount:
            return  # another process makes the same digest
        claimed = [await told_work.claim(self.store, self.connection, piece, message) for piece in pieces]
        if not any(claimed):
            await self.connection.execute(delete(table).where(table.c.id == message))

    async def _had_digest(self, person: str, day: str) -> bool:
        this = select(table.c.id).where(table.c.person == person, table.c.digest_on == day)
        return await self.connection.scalar(this) is not None

    def _letter_is_late(self, piece: Piece) -> bool:
        return self.now - piece.asked_at >= LETTERS_GO_FIRST


async def plan(store: Store, default: Preferences, now: datetime) -> None:
    """Make messages of what is new, for everybody who is to be told now. May be repeated, by several at a time.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        new = [
            piece for piece in await told_work.untold(connection) if piece.on_list_at is None or piece.on_list_at <= now
        ]
        people = {person: list(of) for person, of in groupby(sorted(new, key=_PERSON), key=_PERSON)}
        chosen = await preferences.chosen_by_each(connection, list(people))
        making = _Plan(store, connection, now)
        for person, pieces in people.items():
            await making.for_person(person, pieces, default.with_chosen(chosen.get(person, ChosenPreferences())))
        old = (table.c.state != "waiting", table.c.planned_at < now - _KEPT_FOR)
        await connection.execute(delete(table).where(*old))


_PERSON = attrgetter("person")


async def waiting(store: Store) -> list[str]:
    """The ids of messages that are to go out, the oldest first.

    Raises:
        StoreAway: the database does not answer.
    """
    statement = select(table.c.id).where(table.c.state == "waiting").order_by(table.c.planned_at, table.c.id)
    async with store.reading() as connection:
        return list(await connection.scalars(statement.limit(_MOST_AT_ONCE)))


async def waiting_since(store: Store) -> datetime | None:
    """When the oldest message was planned that has not gone out; None when all have.

    Raises:
        StoreAway: the database does not answer.
    """
    statement = select(table.c.planned_at).where(table.c.state == "waiting").order_by(table.c.planned_at).limit(1)
    async with store.reading() as connection:
        since: datetime | None = await connection.scalar(statement)
    return since


async def find(store: Store, id_: str) -> WorkMessage | None:
    """A message; None for one that is long past.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        row = (await connection.execute(select(table).where(table.c.id == id_))).one_or_none()
    return None if row is None else WorkMessage.model_validate(row)


async def recent(store: Store, person: str | None = None, *, limit: int = 20) -> list[WorkMessage]:
    """Messages of the last days, the newest first.

    Raises:
        StoreAway: the database does not answer.
    """
    statement = select(table).order_by(table.c.planned_at.desc(), table.c.id).limit(limit)
    if person is not None:
        statement = statement.where(table.c.person == normal(person))
    async with store.reading() as connection:
        return _all(await connection.execute(statement))


async def settle_channel(store: Store, id_: str, channel: str) -> None:
    """Say by which way a message goes, before it goes: whoever takes over must look in the same place.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        await connection.execute(update(table).where(table.c.id == id_).values(channel=channel))


async def settle(store: Store, id_: str, state: State, reason: str | None, now: datetime) -> None:
    """Say what became of a message.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        settled = update(table).where(table.c.id == id_).values(state=state, reason=reason, settled_at=now)
        await connection.execute(settled)


def _all(rows: Iterable[object]) -> list[WorkMessage]:
    return [WorkMessage.model_validate(row) for row in rows]
