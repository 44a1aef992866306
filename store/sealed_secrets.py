"""All secrets that the store keeps, whether they are encrypted, and with which key.

Every function may raise ``StoreAway``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, ColumnElement, Table, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import unsubscribe
from store.database import Store
from store.event_tables import subscriptions
from store.sealing import Seal
from store.tables import installation
from store.tool_tables import tool_tokens


@dataclass(frozen=True)
class _Kept:
    """Where secrets of one kind stand."""

    what: str
    table: Table
    key: Column[str]
    columns: tuple[Column[str], ...]
    where: ColumnElement[bool]


_SECRETS = (
    _Kept("tokens of tools", tool_tokens, tool_tokens.c.name, (tool_tokens.c.access, tool_tokens.c.refresh), true()),
    _Kept(
        "secrets of subscriptions", subscriptions, subscriptions.c.id,
        (subscriptions.c.secret, subscriptions.c.former_secret), true(),
    ),
    _Kept(
        "key of unsubscribe links", installation, installation.c.name, (installation.c.value,),
        installation.c.name == unsubscribe.NAME,
    ),
)  # fmt: skip


class Sealing(BaseModel):
    """How many secrets of one kind the store keeps, and how."""

    model_config = ConfigDict(frozen=True)

    what: str
    kept: int
    sealed_newest: int
    """Encrypted with the first key."""
    unreadable: int
    """Encrypted with a key that is not at hand."""


async def sealing(store: Store) -> list[Sealing]:
    """How secrets are kept, by their kinds; a token or a subscription with two secrets counts once."""
    async with store.reading() as connection:
        found = [(each.what, await _read(connection, each)) for each in _SECRETS]
    return [_counted(what, [values for _, values in rows], store.seal) for what, rows in found]


async def encrypt(store: Store) -> int:
    """Encrypt all that is in the clear or under an older key with the newest one; returns how many secrets.

    What cannot be read stays as it is, and all of it where there is no key. One that is replaced meanwhile is left to
    whoever replaced it.
    """
    changed = 0
    async with store.writing() as connection:
        for each in _SECRETS if store.seal else ():
            for key, values in await _read(connection, each):
                for column, kept in zip(each.columns, values, strict=True):
                    changed += await _encrypt(connection, each, key, column, kept, store.seal)
    return changed


async def _encrypt(
    connection: AsyncConnection, each: _Kept, key: str, column: Column[str], kept: str | None, seal: Seal
) -> int:
    if seal.is_newest(kept) or not seal.can_unseal(kept):
        return 0
    anew = {column.name: seal.seal(seal.unseal(kept))}
    return (await connection.execute(update(each.table).where(each.key == key, column == kept).values(anew))).rowcount


async def _read(connection: AsyncConnection, each: _Kept) -> list[tuple[str, tuple[str | None, ...]]]:
    rows = await connection.execute(select(each.key, *each.columns).where(each.where))
    return [(row[0], tuple(row[1:])) for row in rows]


def _counted(what: str, rows: Sequence[tuple[str | None, ...]], seal: Seal) -> Sealing:
    secret = [row for row in rows if any(row)]
    return Sealing(
        what=what,
        kept=len(secret),
        sealed_newest=sum(all(map(seal.is_newest, row)) for row in secret),
        unreadable=sum(not all(map(seal.can_unseal, row)) for row in secret),
    )
