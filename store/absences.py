"""Absences of people: which address is away until when, for all deals. Times are the deals' own.

Addresses are kept in their normal form. The newest notice counts, whatever was written first; a reply that somebody
wrote themselves ends their absence.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from dealwright.entries import Entry, FactTaken, TouchesHeld
from dealwright.values.addresses import normal
from store.database import Store, insert_into
from store.tables import away


class Absence(BaseModel):
    """Until when somebody is away, as they said at ``told_at`` to a deal; in the past once they have written since."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    address: str
    until: AwareDatetime
    told_at: AwareDatetime
    deal_id: str


async def find(store: Store, address: str) -> Absence | None:
    """The newest absence of an address; None when there was none."""
    async with store.reading() as connection:
        row = (await connection.execute(select(away).where(away.c.address == normal(address)))).one_or_none()
    return None if row is None else Absence.model_validate(row)


async def write(store: Store, connection: AsyncConnection, deal_id: str, entries: Iterable[Entry]) -> None:
    """Keep what a deal's entries say about who is away and who is back, in the caller's transaction."""
    latest: dict[str, Absence] = {}
    for told in (one for entry in entries for one in _absences_in(deal_id, entry)):
        before = latest.get(told.address)
        if before is None or before.told_at <= told.told_at:
            latest[told.address] = told
    if latest:
        # In one order over all transactions, so that two which name the same people cannot wait for each other.
        rows = [latest[address].model_dump() for address in sorted(latest)]
        await connection.execute(_insert_newest(embedded=store.embedded), rows)


def _absences_in(deal_id: str, entry: Entry) -> Iterable[Absence]:
    if isinstance(entry, TouchesHeld):
        told_at = entry.told_at or entry.at
        return [Absence(address=one, until=entry.until, told_at=told_at, deal_id=deal_id) for one in entry.addresses]
    if isinstance(entry, FactTaken) and entry.written_by_them and entry.no_news is None:
        at = entry.happened_at
        return [Absence(address=one, until=at, told_at=at, deal_id=deal_id) for one in entry.addresses]
    return ()


@functools.cache
def _insert_newest(*, embedded: bool) -> Insert:
    insert = insert_into(away, embedded=embedded)
    told = {name: insert.excluded[name] for name in ("until", "told_at", "deal_id")}
    return insert.on_conflict_do_update(
        index_elements=["address"], set_=told, where=away.c.told_at <= insert.excluded.told_at
    )
