"""Who gets no marketing from any deal. Deals on any clock read it: an address on the list is out, whenever."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from deals.addresses import normal
from store.database import Store
from store.tables import suppression


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
        await write(store, connection, address, reason, since, deal_id)


async def allow(store: Store, address: str) -> bool:
    """Take an address off the list; returns whether it was there."""
    async with store.writing() as connection:
        gone = await connection.execute(delete(suppression).where(suppression.c.address == normal(address)))
    return gone.rowcount == 1


async def suppressed(store: Store, address: str) -> Suppressed | None:
    """The address's place on the list, if it has one."""
    async with store.reading() as connection:
        found = await connection.execute(select(suppression).where(suppression.c.address == normal(address)))
        row = found.one_or_none()
    return None if row is None else Suppressed.model_validate(row)


async def write(
    store: Store, connection: AsyncConnection, address: str, reason: str, since: datetime, deal_id: str | None
) -> None:
    """Put an address on the list, in the caller's transaction."""
    row = {"address": normal(address), "reason": reason, "since": since, "deal_id": deal_id}
    await connection.execute(store.insert_new(suppression), row)
