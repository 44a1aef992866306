"""What people said of being reached by a channel: for all deals, by their addresses. Times are the deals' own.

Addresses are kept in their normal form. What somebody said last counts, whatever was written first.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from dealwright.entries import Entry, FactTaken
from dealwright.facts import ChannelAllowed, ChannelRefused
from dealwright.values.addresses import normal
from store import intake
from store.contact_tables import channel_wishes, deal_contacts
from store.database import Store, insert_into
from store.intake_rows import Event
from store.tables import finished_deals

SOURCE = "other-deals"
"""The source of what open deals are told since another one was."""
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


async def write(store: Store, connection: AsyncConnection, deal_id: str, entries: Sequence[Entry]) -> None:
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
        await tell_others(store, connection, deal_id, entries)


async def tell_others(store: Store, connection: AsyncConnection, deal_id: str, entries: Iterable[Entry]) -> None:
    """Tell the open deals that know a person what that person refused, in the caller's transaction.

    So what is on somebody's list there is taken off. It comes by the intake, and is told to no further deal.
    """
    refusals = (entry for entry in entries if isinstance(entry, FactTaken) and entry.fact == ChannelRefused.name)
    for entry in refusals:
        if entry.source != SOURCE and entry.addresses:
            known = _others_who_know(deal_id, entry.addresses)
            others = {row.deal_id: row.address for row in await connection.execute(known)}
            await intake.add_with(store, connection, [_told(deal_id, entry, *each) for each in sorted(others.items())])


def _others_who_know(deal_id: str, addresses: Iterable[str]) -> Select[tuple[str, str]]:
    is_open = finished_deals.c.deal_id.is_(None)
    return (
        select(deal_contacts.c.deal_id, deal_contacts.c.address)
        .outerjoin(finished_deals, finished_deals.c.deal_id == deal_contacts.c.deal_id)
        .where(deal_contacts.c.address.in_(sorted(addresses)), deal_contacts.c.deal_id != deal_id, is_open)
    )


def _told(deal_id: str, entry: FactTaken, other: str, address: str) -> Event:
    told = {"channel": entry.variant or "", "address": address, "at": entry.happened_at.isoformat()}
    about = {"id": f"{SOURCE}:{deal_id}/{entry.number}", "source": SOURCE, "note": f"Told in deal {deal_id}"}
    return Event(
        source=SOURCE, event_id=f"{deal_id}/{entry.number}/{other}", deal_ref=other, fact=entry.fact,
        payload={**about, **told}, received_at=datetime.now(UTC),
    )  # fmt: skip


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
