"""Which open deals follow which bundle, as the journal has it."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from store.database import Store
from store.tables import finished_deals, journal

KINDS = ("deal_opened", "playbook_adopted")
"""The entries that say which bundle a deal follows from then on. Both are written to the journal at once."""


async def followers(store: Store) -> dict[str, int]:
    """How many open deals follow each bundle, by its hash.

    Raises:
        StoreAway: the database does not answer.
    """
    follows = _follows().subquery()
    statement = select(follows.c.bundle, func.count().label("deals")).group_by(follows.c.bundle)
    async with store.reading() as connection:
        return {row.bundle: row.deals for row in await connection.execute(statement)}


async def followed(store: Store) -> dict[str, str]:
    """The hash of the bundle that each open deal follows, by the deal's id, in the order of the ids.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        rows = await connection.execute(_follows().order_by(journal.c.deal_id))
        return {row.deal_id: row.bundle for row in rows}


def _follows() -> Select[tuple[str, str]]:
    last = (
        select(journal.c.deal_id, func.max(journal.c.number).label("number"))
        .where(journal.c.kind.in_(KINDS))
        .group_by(journal.c.deal_id)
        .subquery()
    )
    this = (journal.c.deal_id == last.c.deal_id) & (journal.c.number == last.c.number)
    return (
        select(journal.c.deal_id, journal.c.entry["bundle"].as_string().label("bundle"))
        .join(last, this)
        .outerjoin(finished_deals, finished_deals.c.deal_id == journal.c.deal_id)
        .where(finished_deals.c.deal_id.is_(None))
    )
