"""What people said of being reached by a channel: for all deals, by their addresses. Times are the deals' own.

Addresses are kept in their normal form. What somebody said last counts, whatever was written first.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from dealwright.entries import Entry, FactTaken
from dealwright.facts import ChannelAllowed, ChannelRefused
from dealwright.values.addresses import normal
from store.contact_tables import channel_wishes
from store.database import Store, insert_into

_ALLOWED = {ChannelAllowed.name: True, ChannelRefused.name: False}


class ChannelWish(BaseModel):
    """What the person of an address said at ``told_at``, to a deal, of being reached by a channel."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    channel: str
    address: str
    allowed: bool
    told_at: AwareDatetime
    deal_id: str


async def find(store: Store, channel: str, address: str) -> ChannelWish | None:
    """What the person of an address said last of a channel; None when they said nothing.

    Raises:
        StoreAway: the database does not answer.
    """
    wanted = (channel_wishes.c.channel == channel, channel_wishes.c.address == normal(address))
    async with store.reading() as connection:
        row = (await connection.execute(select(channel_wishes).where(*wanted))).one_or_none()
    return None if row is None else ChannelWish.model_validate(row)


async def write(store: Store, connection: AsyncConnection, deal_id: str, entries: Iterable[Entry]) -> None:
    """Keep what a deal's entries say of such wishes, in the caller's transaction; what was taken back is forgotten."""
    latest: dict[tuple[str, str], ChannelWish] = {}
    for entry in entries:
        if isinstance(entry, FactTaken) and entry.retracts in _ALLOWED:
            await _forget(connection, deal_id, entry)
            latest = {key: one for key, one in latest.items() if one.allowed is not _ALLOWED[entry.retracts]}
        for told in _wishes_in(deal_id, entry):
            before = latest.get((told.channel, told.address))
            if before is None or before.told_at <= told.told_at:
                latest[told.channel, told.address] = told
    if latest:
        # In one order over all transactions, so that two which name the same people cannot wait for each other.
        rows = [latest[key].model_dump() for key in sorted(latest)]
        await connection.execute(_insert_newest(embedded=store.embedded), rows)


async def _forget(connection: AsyncConnection, deal_id: str, entry: FactTaken) -> None:
    wishes, allowed = channel_wishes.c, _ALLOWED[entry.retracts or ""]
    theirs = (wishes.deal_id == deal_id, wishes.allowed.is_(allowed), wishes.told_at <= entry.happened_at)
    await connection.execute(delete(channel_wishes).where(*theirs))


def _wishes_in(deal_id: str, entry: Entry) -> Iterable[ChannelWish]:
    if not isinstance(entry, FactTaken) or entry.fact not in _ALLOWED or entry.variant is None:
        return ()
    said = {"channel": entry.variant, "allowed": _ALLOWED[entry.fact], "told_at": entry.happened_at}
    return [ChannelWish.model_validate({**said, "address": one, "deal_id": deal_id}) for one in entry.addresses]


@functools.cache
def _insert_newest(*, embedded: bool) -> Insert:
    insert = insert_into(channel_wishes, embedded=embedded)
    told = {name: insert.excluded[name] for name in ("allowed", "told_at", "deal_id")}
    return insert.on_conflict_do_update(
        index_elements=["channel", "address"], set_=told, where=channel_wishes.c.told_at <= insert.excluded.told_at
    )
