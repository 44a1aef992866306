"""Access tokens of other tools, shared by all workers: one of them asks for the next one, and all use it.

A token's ``generation`` counts up with each renewal. Every change is a compare-and-set on it. Times are the wall
clock's. Tokens are kept encrypted where the store has a key for it (``Store.seal``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Row, or_, select, update

from store.database import Store
from store.tool_tables import tool_tokens


class TokenRow(BaseModel):
    """A credential's token, as it stands."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    name: str
    seed: str
    generation: int
    access: str | None = Field(repr=False)
    refresh: str | None = Field(repr=False)
    base_url: str | None
    obtained_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    renewing: str | None
    renewing_since: AwareDatetime | None
    refused: str | None
    """Why the tool gave no token the last time it was asked."""
    refused_at: AwareDatetime | None


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """What a tool gave. Without ``refresh`` the one before stays; without ``lasts`` it is good until it is refused."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    base_url: str | None = None
    lasts: timedelta | None = None


async def of(store: Store, name: str, seed: str, refresh: str | None) -> TokenRow:
    """A credential's token. What a person set up anew (another ``seed``) takes the place of what there was.

    Raises:
        CannotUnseal: what a renewal needs was encrypted with a key that is not at hand.
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        found = (await connection.execute(select(tool_tokens).where(tool_tokens.c.name == name))).one_or_none()
    if found is not None and found.seed == seed:
        return _unsealed(store, found)
    refresh = store.seal.seal(refresh)
    insert = store.insert(tool_tokens).values(name=name, seed=seed, generation=0, refresh=refresh)
    gone = ("access", "base_url", "obtained_at", "expires_at", "renewing", "renewing_since", "refused", "refused_at")
    anew = {**dict.fromkeys(gone), "seed": seed, "refresh": refresh, "generation": tool_tokens.c.generation + 1}
    statement = insert.on_conflict_do_update(index_elements=["name"], set_=anew, where=tool_tokens.c.seed != seed)
    async with store.writing() as connection:
        await connection.execute(statement)
        return _unsealed(store, (await connection.execute(select(tool_tokens).where(tool_tokens.c.name == name))).one())


async def claim(store: Store, row: TokenRow, who: str, now: datetime, *, abandoned_before: datetime | None) -> bool:
    """Become the one who asks for the next token. False when somebody else does, or has.

    A claim from before ``abandoned_before`` is taken over; None: never, since what was spent may not be spent again.

    Raises:
        StoreAway: the database does not answer; whether the claim holds is not known.
    """
    free: ColumnElement[bool] = tool_tokens.c.renewing.is_(None)
    if abandoned_before is not None:
        free = or_(free, tool_tokens.c.renewing_since < abandoned_before)
    claimed = update(tool_tokens).where(*_this(row), free).values(renewing=who, renewing_since=now)
    async with store.writing() as connection:
        return (await connection.execute(claimed)).rowcount == 1


async def put(store: Store, row: TokenRow, who: str, new: NewToken, now: datetime) -> bool:
    """Keep the next token; False when the claim holds no more.

    Raises:
        StoreAway: the database does not answer.
    """
    values = {
        "generation": row.generation + 1,
        "access": store.seal.seal(new.access),
        "refresh": store.seal.seal(new.refresh or row.refresh),
        "base_url": new.base_url or row.base_url,
        "obtained_at": now,
        "expires_at": now + new.lasts if new.lasts else None,
        **dict.fromkeys(("renewing", "renewing_since", "refused", "refused_at")),
    }
    return await _end_claim(store, row, who, values)


async def give_up(store: Store, row: TokenRow, who: str, refused: str | None, now: datetime) -> None:
    """End a claim without a token, because the tool refused it, or (None) surely did not hear of it.

    Raises:
        StoreAway: the database does not answer.
    """
    ended = {"renewing": None, "renewing_since": None}
    values = {**ended, "refused": refused, "refused_at": now if refused else None}
    await _end_claim(store, row, who, values)


async def _end_claim(store: Store, row: TokenRow, who: str, values: Mapping[str, object]) -> bool:
    mine = (*_this(row), tool_tokens.c.renewing == who)
    async with store.writing() as connection:
        return (await connection.execute(update(tool_tokens).where(*mine).values(**values))).rowcount == 1


def _this(row: TokenRow) -> tuple[ColumnElement[bool], ...]:
    return tool_tokens.c.name == row.name, tool_tokens.c.generation == row.generation


def _unsealed(store: Store, found: Row[Any]) -> TokenRow:  # a row's columns are checked by the model
    """A row with its secrets in the clear. An access token that cannot be read is none: the next one is asked for."""
    access = found.access if store.seal.can_unseal(found.access) else None
    row = TokenRow.model_validate(found)
    return row.model_copy(update={"access": store.seal.unseal(access), "refresh": store.seal.unseal(found.refresh)})
