"""Who gets no marketing from any deal, or no mail at all. Deals on any clock read it: who is on it is out, whenever.

Addresses stand there in their normal form. One that bounced stands on both lists: it gets no service message either.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from deals.addresses import normal
from store.database import Store
from store.tables import suppression, undeliverable


class Suppressed(BaseModel):
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
        await write(store, connection, Suppressed(address=address, reason=reason, since=since, deal_id=deal_id))


async def allow(store: Store, address: str) -> bool:
    """Take an address off the lists; returns whether it was there."""
    async with store.writing() as connection:
        gone = [
            await connection.execute(delete(table).where(table.c.address == normal(address)))
            for table in (suppression, undeliverable)
        ]
    return any(each.rowcount for each in gone)


async def suppressed(store: Store, address: str) -> Suppressed | None:
    """The address's place on the list, if it has one."""
    return await _find(store, suppression, address)


async def bounced(store: Store, address: str) -> Suppressed | None:
    """When an address bounced, and whose message, if it did."""
    return await _find(store, undeliverable, address)


async def _find(store: Store, table: Table, address: str) -> Suppressed | None:
    async with store.reading() as connection:
        found = await connection.execute(select(table).where(table.c.address == normal(address)))
        row = found.one_or_none()
    return None if row is None else Suppressed.model_validate(row)


async def write(store: Store, connection: AsyncConnection, listed: Suppressed, *, bounced: bool = False) -> None:
    """Put an address on the list, or on both if it bounced, in the caller's transaction."""
    row = {**listed.model_dump(), "address": normal(listed.address)}
    for table in (suppression, undeliverable) if bounced else (suppression,):
        await connection.execute(store.insert_new(table), row)
