"""The suppression lists: addresses that get no marketing from any deal, or no mail at all, at any time.

Addresses stand there in their normal form. One that bounced stands on both lists: it gets no service message either.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Table, delete, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from dealwright.facts import EmailBounced, SmsUndelivered
from dealwright.values.addresses import normal
from store.database import Store, insert_into
from store.tables import suppression, suppression_removals, undeliverable

_BOUNCED = tuple(fact.name.replace("_", " ") for fact in (EmailBounced, SmsUndelivered))
"""How the reasons begin of addresses at which nothing arrives."""
REFUSED_TEXTS = "refused text messages"
"""How the reasons begin of numbers whose owner wants no text messages, and may want other messages."""
_LISTED = select(suppression, undeliverable.c.address.is_not(None).label("bounced")).select_from(
    suppression.outerjoin(undeliverable, suppression.c.address == undeliverable.c.address)
)


class SuppressedAddress(BaseModel):
    """An address on the list; ``since`` is the time of the deal that reported it, if one did."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    address: str
    reason: str
    since: AwareDatetime
    deal_id: str | None


async def suppress(store: Store, address: str, reason: str, since: datetime, deal_id: str | None = None) -> None:
    """Put an address on the list; one that is there stays as it is.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        await write(store, connection, SuppressedAddress(address=address, reason=reason, since=since, deal_id=deal_id))


class ListedAddress(SuppressedAddress):
    """An address on the list, and whether it bounced: then it gets no mail at all."""

    bounced: bool


class Removal(ListedAddress):
    """An address that was on the list until somebody took it off."""

    removed_at: AwareDatetime
    """The wall clock's time."""
    by: str
    why: str


async def remove(store: Store, address: str, *, by: str = "somebody", why: str = "", only_bounce: bool = False) -> bool:
    """Take an address off the lists, or only take its bounce back; returns whether there was anything to take.

    Who did so and why is kept. A bounce that is taken back leaves an opt-out where it is.
    """
    here, there = suppression.c.address == normal(address), undeliverable.c.address == normal(address)
    because_of_it = (_only_bounced(),) if only_bounce else ()
    found = select(undeliverable, true().label("bounced")).where(there) if only_bounce else _LISTED.where(here)
    async with store.writing() as connection:
        gone = (await connection.execute(found)).mappings().all()
        if not gone:
            return False
        removed = [{**row, "removed_at": datetime.now(UTC), "by": by, "why": why} for row in gone]
        await connection.execute(suppression_removals.insert(), removed)
        await connection.execute(delete(suppression).where(here, *because_of_it))
        await connection.execute(delete(undeliverable).where(there))
    return True


async def list_addresses(store: Store, *, address: str | None = None, limit: int = 50) -> list[ListedAddress]:
    """The addresses on the list, the newest first, or the one that is asked for."""
    statement = _LISTED.order_by(suppression.c.since.desc(), suppression.c.address).limit(limit)
    if address is not None:
        statement = statement.where(suppression.c.address == normal(address))
    async with store.reading() as connection:
        return [ListedAddress.model_validate(row) for row in await connection.execute(statement)]


async def has_bounced(store: Store, address: str) -> bool:
    """Whether mail to an address bounced, so that it gets none.

    Raises:
        StoreAway: the database does not answer.
    """
    this = select(undeliverable.c.address).where(undeliverable.c.address == normal(address))
    async with store.reading() as connection:
        return await connection.scalar(this) is not None


async def opted_out_since(connection: AsyncConnection, address: str, *, for_texts: bool) -> datetime | None:
    """Since when somebody gets no marketing who asked for none; None where they did not, or only mail bounced.

    ``for_texts``: whether it counts that they asked for no text messages alone.
    """
    asked = (suppression.c.address == normal(address), ~_only_bounced())
    of_all = () if for_texts else (~suppression.c.reason.startswith(REFUSED_TEXTS),)
    since: datetime | None = await connection.scalar(select(suppression.c.since).where(*asked, *of_all))
    return since


async def removals(store: Store, address: str | None = None) -> list[Removal]:
    """What was taken off the list, the newest first, of all addresses or of one."""
    statement = select(suppression_removals).order_by(suppression_removals.c.id.desc())
    if address is not None:
        statement = statement.where(suppression_removals.c.address == normal(address))
    async with store.reading() as connection:
        return [Removal.model_validate(row) for row in await connection.execute(statement)]


async def suppressed(store: Store, address: str) -> SuppressedAddress | None:
    """The address's place on the list, if it has one."""
    return await _find(store, suppression, address)


async def bounced(store: Store, address: str) -> SuppressedAddress | None:
    """When an address bounced, and whose message, if it did."""
    return await _find(store, undeliverable, address)


async def _find(store: Store, table: Table, address: str) -> SuppressedAddress | None:
    async with store.reading() as connection:
        found = await connection.execute(select(table).where(table.c.address == normal(address)))
        row = found.one_or_none()
    return None if row is None else SuppressedAddress.model_validate(row)


async def write(store: Store, connection: AsyncConnection, listed: SuppressedAddress, *, bounced: bool = False) -> None:
    """Put an address on the list, or on both if it bounced, in the caller's transaction.

    What put it there first stays as the reason, but for a bounce, and for a refusal of text messages alone: an opt-out
    outlasts the mailbox, and says more.
    """
    row = {**listed.model_dump(), "address": normal(listed.address)}
    if bounced:
        await connection.execute(store.insert_new(suppression), row)
        await connection.execute(store.insert_new(undeliverable), row)
    else:
        await connection.execute(_insert_opt_out(embedded=store.embedded), row)


def _only_bounced() -> ColumnElement[bool]:
    return or_(*(suppression.c.reason.startswith(reason) for reason in _BOUNCED))


async def lift(connection: AsyncConnection, address: str, at: datetime, why: str) -> None:
    """Take an address off the list by its owner's own wish of that time, in the caller's transaction.

    What they said later stays, and so does what keeps messages from arriving.
    """
    here = suppression.c.address == normal(address)
    earlier = (here, suppression.c.since <= at, ~_only_bounced())
    gone = (await connection.execute(_LISTED.where(*earlier))).mappings().all()
    if not gone:
        return
    removed = [{**row, "removed_at": datetime.now(UTC), "by": "its owner", "why": why} for row in gone]
    await connection.execute(suppression_removals.insert(), removed)
    await connection.execute(delete(suppression).where(*earlier))


@functools.cache
def _insert_opt_out(*, embedded: bool) -> Insert:
    insert = insert_into(suppression, embedded=embedded)
    told = {name: insert.excluded[name] for name in ("reason", "since", "deal_id")}
    only_texts = suppression.c.reason.startswith(REFUSED_TEXTS) & ~insert.excluded.reason.startswith(REFUSED_TEXTS)
    less = _only_bounced() | only_texts
    return insert.on_conflict_do_update(index_elements=["address"], set_=told, where=less)
