"""Which deals know whom: their contacts' addresses and numbers, by which what names no deal finds its own.

It is worked out from the journal whenever a line that may change contacts is written there, and lags as the journal
does, by some seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.deal import Deal, Known
from dealwright.entries import DealOpened, Entry
from dealwright.values.addresses import normal
from dealwright.values.phone_numbers import e164
from store.contact_tables import deal_contacts
from store.database import Store
from store.tables import finished_deals, journal

KINDS = frozenset({"deal_opened", "fact_taken", "command_taken", "task_closed"})
"""Entries that may say who a deal's contacts are."""
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


def tells(entry: Entry) -> bool:
    """Whether an entry says something of its deal's contacts."""
    learned = _learned(entry)
    about_contacts = learned is not None and (
        learned.contacts is not None or any(path.partition(".")[0] == "contacts" for path in learned.cleared or ())
    )
    return isinstance(entry, DealOpened) or about_contacts


def rows_of(deal_id: str, entries: Sequence[Entry]) -> list[dict[str, object]]:
    """The addresses of a deal's contacts after these entries, as rows of the table."""
    deal: Deal | None = None
    for entry in entries:
        if isinstance(entry, DealOpened):
            deal = entry.deal
        elif deal is not None and (learned := _learned(entry)) is not None:
            deal = deal.knowing(learned)
    contacts = (deal.contacts or ()) if deal else ()
    known = (*(contact.email for contact in contacts), *(e164(contact.phone) for contact in contacts))
    return [{"deal_id": deal_id, "address": address} for address in sorted({normal(one) for one in known if one})]


async def sync_with_journal(store: Store, connection: AsyncConnection, deal_id: str) -> None:
    """Take a deal's contacts from its journal, in the caller's transaction: lines may come late, or be undone."""
    told = select(journal.c.entry).where(journal.c.deal_id == deal_id, journal.c.kind.in_(KINDS))
    lines = (await connection.scalars(told.order_by(journal.c.number))).all()
    await connection.execute(delete(deal_contacts).where(deal_contacts.c.deal_id == deal_id))
    if rows := rows_of(deal_id, [_ENTRY.validate_python(line) for line in lines]):
        await connection.execute(store.insert_new(deal_contacts), rows)


async def deals_with(store: Store, addresses: Collection[str], at: datetime, limit: int = 10) -> list[str]:
    """The deals that know one of these addresses and were open at a time, or are since.

    Raises:
        StoreAway: the database does not answer.
    """
    wanted = sorted({normal(address) for address in addresses})
    ended = finished_deals.c.closed_at
    known = (
        select(deal_contacts.c.deal_id)
        .outerjoin(finished_deals, finished_deals.c.deal_id == deal_contacts.c.deal_id)
        .where(deal_contacts.c.address.in_(wanted), or_(ended.is_(None), ended >= at))
        .distinct()
        .order_by(deal_contacts.c.deal_id)
        .limit(limit)
    )
    async with store.reading() as connection:
        return list((await connection.scalars(known)).all())


def _learned(entry: Entry) -> Known | None:
    learned = getattr(entry, "learned", None)
    return learned if isinstance(learned, Known) else None
