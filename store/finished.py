"""Finished deals. Their ids are never opened again, also after Temporal has forgotten them."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.entries import DealClosed
from store.database import Store
from store.tables import finished_deals, journal


class FinishedDeal(BaseModel):
    """How and when, in its own time, a deal ended."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    deal_id: str
    outcome: str
    closed_at: AwareDatetime


async def finished(store: Store, deal_id: str) -> FinishedDeal | None:
    """The deal's end, if its life is over.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        return await find(connection, deal_id)


async def find(connection: AsyncConnection, deal_id: str) -> FinishedDeal | None:
    """The same, in the caller's transaction."""
    found = await connection.execute(select(finished_deals).where(finished_deals.c.deal_id == deal_id))
    row = found.one_or_none()
    return None if row is None else FinishedDeal.model_validate(row)


async def sync_with_journal(store: Store, connection: AsyncConnection, deal_id: str) -> None:
    """Take a deal's end from its journal, in the caller's transaction: it may have been reopened since."""
    of_deal = (journal.c.deal_id == deal_id, journal.c.kind.in_(("deal_closed", "deal_reopened")))
    statement = select(journal.c.entry).where(*of_deal).order_by(journal.c.number.desc()).limit(1)
    last = await connection.scalar(statement)
    await connection.execute(delete(finished_deals).where(finished_deals.c.deal_id == deal_id))
    if last is not None and last["kind"] == "deal_closed":
        await write(store, connection, deal_id, DealClosed.model_validate(last))


async def write(store: Store, connection: AsyncConnection, deal_id: str, entry: DealClosed) -> None:
    """Note a deal's end, in the caller's transaction."""
    row = {"deal_id": deal_id, "outcome": entry.outcome, "closed_at": entry.at}
    await connection.execute(store.insert_new(finished_deals), row)
