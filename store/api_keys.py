"""The keys of the HTTP API: made, listed, replaced and revoked. All times are the wall clock's.

Each changes at once in the store; a gateway hears of it within seconds. A key itself is told once, to whoever makes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.api_key_rows import LONGEST_LIFE, ApiKey, KnownKey, MadeKey, NewKey, Scope
from store.database import Store
from store.errors import StoreError
from store.key_text import digest_of, id_of, new_key
from store.tables import api_keys

__all__ = ["ApiKey", "KnownKey", "MadeKey", "NewKey", "Scope"]

MOST_KEYS = 1000
"""Keys that are good at one time: a gateway has all of them in memory."""


class KeyRefused(StoreError):
    """What is wanted of a key cannot be done."""


class NoSuchKey(KeyRefused):
    """No key has this id."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"No key has the id {id_!r}: `dealwright key list` names them")


class KeyNameTaken(KeyRefused):
    """A key that is good has this name already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A key that is good has the name {name!r}: choose another one, rotate that key, or revoke it")


class TooManyKeys(KeyRefused):
    """There are as many keys as a gateway keeps in memory."""

    def __init__(self) -> None:
        super().__init__(f"{MOST_KEYS} keys are good at this time: revoke those that nobody needs")


class KeyRevoked(KeyRefused):
    """A key that is good no more cannot be replaced."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"The key {id_!r} was revoked or has expired: make a new one")


async def create(store: Store, wanted: NewKey, *, by: str, now: datetime) -> MadeKey:
    """Make a key.

    Raises:
        KeyNameTaken: another key that is good has its name.
        TooManyKeys: there are too many already.
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        taken = select(api_keys.c.id).where(api_keys.c.name == wanted.name, *_good(now)).limit(1)
        if await connection.scalar(taken) is not None:
            raise KeyNameTaken(wanted.name)
        expires_at = now + timedelta(days=wanted.days)
        return await _insert(connection, wanted, by=by, now=now, expires_at=expires_at)


async def rotate(store: Store, id_: str, *, overlap: timedelta, by: str, now: datetime) -> MadeKey:
    """Make a key that may do the same, for as many days from now on; the old one is good for ``overlap`` more.

    Raises:
        NoSuchKey: there is none of this id.
        KeyRevoked: it is good no more.
        TooManyKeys: there are too many already.
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        old = await _find(connection, id_)
        if not old.good_at(now):
            raise KeyRevoked(id_)
        life = min(old.expires_at - old.created_at, timedelta(days=LONGEST_LIFE))
        wanted = NewKey(
            name=old.name, scopes=frozenset(map(Scope, old.scopes)), acts_for=old.acts_for,
            may_speak_for=old.may_speak_for,
        )  # fmt: skip
        made = await _insert(connection, wanted, by=by, now=now, expires_at=now + life)
        ends = update(api_keys).where(api_keys.c.id == id_, api_keys.c.expires_at > now + overlap)
        await connection.execute(ends.values(expires_at=now + overlap))
    return made


async def revoke(store: Store, id_: str, *, by: str, now: datetime) -> ApiKey:
    """Take a key back, for good; one that was revoked stays as it was revoked first.

    Raises:
        NoSuchKey: there is none of this id.
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        taking = update(api_keys).where(api_keys.c.id == id_, api_keys.c.revoked_at.is_(None))
        await connection.execute(taking.values(revoked_at=now, revoked_by=by))
        return await _find(connection, id_)


async def list_keys(store: Store, *, good_at: datetime | None = None, limit: int = MOST_KEYS) -> list[ApiKey]:
    """The keys, the newest first: all of them, or those that are good at a time."""
    statement = select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.id).limit(limit)
    if good_at is not None:
        statement = statement.where(*_good(good_at))
    async with store.reading() as connection:
        return [ApiKey.model_validate(row) for row in await connection.execute(statement)]


async def good_keys(store: Store, now: datetime) -> list[KnownKey]:
    """Every key that is good at a time, with its digest.

    Raises:
        StoreAway: the database does not answer.
    """
    statement = select(api_keys).where(*_good(now)).limit(MOST_KEYS)
    async with store.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return [KnownKey(bytes(row.digest), ApiKey.model_validate(row)) for row in rows]


async def _insert(
    connection: AsyncConnection, wanted: NewKey, *, by: str, now: datetime, expires_at: datetime
) -> MadeKey:
    good = select(func.count()).select_from(api_keys).where(*_good(now))
    if (await connection.scalar(good) or 0) >= MOST_KEYS:
        raise TooManyKeys
    key = new_key()
    about = ApiKey(
        id=id_of(key), name=wanted.name, scopes=tuple(sorted(wanted.scopes)), acts_for=wanted.acts_for,
        may_speak_for=wanted.may_speak_for, created_at=now, created_by=by, expires_at=expires_at,
        revoked_at=None, revoked_by=None,
    )  # fmt: skip
    await connection.execute(api_keys.insert(), {**about.model_dump(), "digest": digest_of(key)})
    return MadeKey(key, about)


async def _find(connection: AsyncConnection, id_: str) -> ApiKey:
    row = (await connection.execute(select(api_keys).where(api_keys.c.id == id_))).one_or_none()
    if row is None:
        raise NoSuchKey(id_)
    return ApiKey.model_validate(row)


def _good(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return api_keys.c.revoked_at.is_(None), api_keys.c.expires_at > now
