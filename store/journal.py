"""The journal: every deal's story, one row for each entry. Times are the deals' own."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, TypeAdapter
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright import consent, text_consent
from dealwright.entries import (
    CoolOffBegan,
    DealClosed,
    DealRefused,
    DealReopened,
    EffectSettled,
    Entry,
    FactTaken,
    PersonRecognised,
)
from dealwright.facts import ChannelAllowed, OptedOut
from dealwright.fold import fold
from dealwright.state import DealState
from store import (
    absences,
    assignments,
    channel_wishes,
    deal_contacts,
    direct_changes,
    finished,
    ledger,
    open_work,
    reaching,
    reservations,
    strangers,
    suppression,
)
from store.database import Store, canonical_json
from store.errors import JournalConflict, UnnumberedEntry
from store.suppression import SuppressedAddress
from store.tables import journal, refusals, set_aside

ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_SETTLED_BY_PERSON = {"done", "skipped"}
"""What a person may say of an uncertain effect, with a reason; an effect that went as planned gives none."""
_log = logging.getLogger(__name__)


class JournalRow(BaseModel):
    """An entry as it stands in the journal; ``seq`` is the order of writing over all deals."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    seq: int
    deal_id: str
    number: int
    run: str
    kind: str
    at: AwareDatetime
    sentence: str
    entry: dict[str, JsonValue]


class Refusal(BaseModel):
    """An opening that was refused, and why."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    deal_id: str
    at: AwareDatetime
    error: str


async def write(
    store: Store, connection: AsyncConnection, deal_id: str, entries: Sequence[Entry], run: str = ""
) -> None:
    """Write a deal's entries down, in the caller's transaction; those already there are left as they are.

    ``run`` is the run of the deal's workflow that decided them. A later run may only write other entries under
    old numbers after the deal was reset: the old lines are set aside then. What follows from an entry for other
    deals is kept with it: a finished deal's id is taken for good, an address that opted out or bounced gets no
    marketing from any deal, whoever is away is so for all, and an uncertain effect that somebody looked into is
    settled in the ledger. The entries of an opening that was refused are no deal's story.

    Raises:
        JournalConflict: one run gives a number to two different entries.
        UnnumberedEntry: an entry was never folded.
    """
    for entry in entries:
        if isinstance(entry, DealRefused):
            await _write_refusal(store, connection, deal_id, entry)
            await direct_changes.note(connection, deal_id, [entry])
            return
    rows = [_row(deal_id, entry, run) for entry in entries]
    if not rows or await _is_refused_run(connection, deal_id, rows, run):
        return
    written = await connection.execute(store.insert_new(journal), rows)
    work = written.rowcount != 0 and any(entry.kind in open_work.KINDS for entry in entries)
    contacts = written.rowcount != 0 and any(map(deal_contacts.tells, entries))
    if written.rowcount != len(rows) and await _check_existing(store, connection, deal_id, rows):
        work = contacts = True
    if written.rowcount != 0:
        await direct_changes.note(connection, deal_id, entries)
    for entry in (told := list(strangers.with_what_was_told_before(entries))):
        await _keep_for_others(store, connection, deal_id, entry)
        if isinstance(entry, CoolOffBegan) and written.rowcount != 0:
            await reservations.leave_alone(store, connection, deal_id, entry)
    if work:
        await open_work.sync_with_journal(store, connection, deal_id)
    if contacts:
        await deal_contacts.sync_with_journal(store, connection, deal_id)
    await absences.write(store, connection, deal_id, told)
    await channel_wishes.write(store, connection, deal_id, told)
    await reaching.follow(connection, entries)
    await assignments.follow(connection, deal_id, entries)


async def _keep_for_others(store: Store, connection: AsyncConnection, deal_id: str, entry: Entry) -> None:
    """Keep what follows from an entry for other deals."""
    if isinstance(entry, DealClosed | DealReopened):
        await finished.sync_with_journal(store, connection, deal_id)
    elif isinstance(entry, FactTaken) and entry.silences:
        await _suppress(store, connection, deal_id, entry)
    elif isinstance(entry, FactTaken) and (numbers := text_consent.numbers_told_of(entry)):
        await _keep_wish_of_numbers(store, connection, deal_id, entry, numbers)
    elif isinstance(entry, FactTaken) and entry.written_by_them and entry.addresses:
        await reservations.answered(connection, entry.addresses, entry.happened_at)
    elif isinstance(entry, PersonRecognised) and entry.opted_out_at is not None:
        known = FactTaken(at=entry.at, fact=OptedOut.name, happened_at=entry.opted_out_at, addresses=entry.addresses)
        await _suppress(store, connection, deal_id, known)
    elif isinstance(entry, EffectSettled) and entry.status in _SETTLED_BY_PERSON and entry.reason:
        await ledger.settle(connection, entry)


async def _keep_wish_of_numbers(
    store: Store, connection: AsyncConnection, deal_id: str, entry: FactTaken, numbers: Sequence[str]
) -> None:
    """Whoever has a number ends text messages to it from all deals, and takes that back."""
    for number in numbers:
        if entry.fact == ChannelAllowed.name:
            await suppression.lift(connection, number, entry.happened_at, f"allowed text messages, told by {deal_id}")
        else:
            reason = f"{suppression.REFUSED_TEXTS}, told by deal {deal_id}"
            listed = SuppressedAddress(address=number, reason=reason, since=entry.happened_at, deal_id=deal_id)
            await suppression.write(store, connection, listed)


async def story(store: Store, deal_id: str, *, after: int = 0, limit: int | None = None) -> list[JournalRow]:
    """A deal's entries, in order, from the one after number ``after``."""
    async with store.reading() as connection:
        return await _story(connection, deal_id, after, limit)


async def since(store: Store, seq: int, *, limit: int = 1000) -> list[JournalRow]:
    """What was written after ``seq``, over all deals: for watching, not for counting.

    On PostgreSQL a transaction that commits late may be passed over.
    """
    statement = select(journal).where(journal.c.seq > seq).order_by(journal.c.seq).limit(limit)
    async with store.reading() as connection:
        return [JournalRow.model_validate(row) for row in await connection.execute(statement)]


async def last(store: Store) -> int:
    """The ``seq`` of the newest line, 0 when there is none."""
    async with store.reading() as connection:
        return int(await connection.scalar(select(func.max(journal.c.seq))) or 0)


async def counts(store: Store) -> dict[str, int]:
    """How many entries there are of each kind."""
    statement = select(journal.c.kind, func.count().label("entries")).group_by(journal.c.kind)
    async with store.reading() as connection:
        return {row.kind: row.entries for row in await connection.execute(statement)}


async def undone(store: Store, deal_id: str) -> list[JournalRow]:
    """Rows that a reset of the deal has undone."""
    statement = select(set_aside).where(set_aside.c.deal_id == deal_id).order_by(set_aside.c.seq)
    async with store.reading() as connection:
        return [JournalRow.model_validate(row) for row in await connection.execute(statement)]


async def suppress_addresses(store: Store, deal_id: str, fact: FactTaken) -> str | None:
    """Put the addresses that a fact is about on the suppression list, for a deal that can write no more itself.

    Returns the first address; None when neither the fact nor the deal's story names one.
    """
    state = DealState()
    for line in await story(store, deal_id):
        fold(state, ENTRY.validate_python(line.entry))
    about = consent.resolved(state, fact)
    async with store.writing() as connection:
        await _suppress(store, connection, deal_id, about)
    return about.address


async def refusals_since(store: Store, *, since: datetime | None = None) -> list[Refusal]:
    """Openings that were refused, the newest first."""
    statement = select(refusals).order_by(refusals.c.at.desc())
    if since is not None:
        statement = statement.where(refusals.c.at >= since)
    async with store.reading() as connection:
        return [Refusal.model_validate(row) for row in await connection.execute(statement)]


def _row(deal_id: str, entry: Entry, run: str) -> dict[str, object]:
    if entry.number is None:
        raise UnnumberedEntry(deal_id, entry.sentence())
    return {
        "deal_id": deal_id,
        "number": entry.number,
        "run": run,
        "kind": entry.kind,
        "at": entry.at,
        "sentence": entry.sentence(),
        "entry": entry.model_dump(mode="json", exclude_none=True),
    }


async def _is_refused_run(
    connection: AsyncConnection, deal_id: str, rows: Sequence[Mapping[str, object]], run: str
) -> bool:
    """Whether these are the lines of a run that was never let in, beside the story of a deal that was."""
    if all(row["number"] != 1 for row in rows) or any(row["kind"] == "deal_opened" for row in rows):
        return False
    first = select(journal.c.run).where(journal.c.deal_id == deal_id, journal.c.number == 1)
    stands = await connection.scalar(first)
    if stands is None or stands == run:
        return False
    _log.warning("Deal %s: run %s was never let in; what it noted is left out of the deal's story", deal_id, run)
    return True


async def _check_existing(
    store: Store, connection: AsyncConnection, deal_id: str, rows: Sequence[Mapping[str, object]]
) -> bool:
    """See why some rows were not written: they were there already, or others have their numbers.

    Returns whether those others were set aside.
    """
    numbers = [row["number"] for row in rows]
    found = await connection.execute(select(journal).where(journal.c.deal_id == deal_id, journal.c.number.in_(numbers)))
    standing = {line.number: line for line in map(JournalRow.model_validate, found)}
    for row in sorted(rows, key=lambda row: int(str(row["number"]))):
        stands = standing[int(str(row["number"]))]
        if stands.entry == json.loads(canonical_json(row["entry"])):
            continue
        if stands.run == row["run"]:
            raise JournalConflict(deal_id, stands.number, stands.sentence, str(row["sentence"]))
        await _replace_after_reset(store, connection, stands, rows)
        return True
    return False


async def _replace_after_reset(
    store: Store, connection: AsyncConnection, stands: JournalRow, rows: Sequence[Mapping[str, object]]
) -> None:
    """Set the lines aside that a reset has undone, and write the rows in their place."""
    deal, run = journal.c.deal_id == stands.deal_id, rows[0]["run"]
    undone = select(set_aside.c.seq).where(set_aside.c.deal_id == stands.deal_id, set_aside.c.run == run).limit(1)
    if (await connection.execute(undone)).first() is not None:
        _log.warning("Deal %s: a run that was reset still writes; entry %d is left", stands.deal_id, stands.number)
        return
    old = (deal, journal.c.number >= stands.number, journal.c.run != run)
    columns = [column.name for column in journal.c]
    await connection.execute(insert(set_aside).from_select(columns, select(journal).where(*old)))
    gone = await connection.execute(delete(journal).where(*old))
    await connection.execute(store.insert_new(journal), rows)
    _log.critical(
        "Deal %s: run %s begins again at entry %d; %d lines are set aside. If nobody has reset the deal, compare "
        "its history with the journal",
        stands.deal_id,
        run,
        stands.number,
        gone.rowcount,
    )


async def _write_refusal(store: Store, connection: AsyncConnection, deal_id: str, entry: DealRefused) -> None:
    row = {"deal_id": deal_id, "at": entry.at, "error": entry.error}
    await connection.execute(store.insert_new(refusals), row)


async def _story(
    connection: AsyncConnection, deal_id: str, after: int = 0, limit: int | None = None
) -> list[JournalRow]:
    statement = select(journal).where(journal.c.deal_id == deal_id, journal.c.number > after).order_by(journal.c.number)
    return [JournalRow.model_validate(row) for row in await connection.execute(statement.limit(limit))]


async def _suppress(store: Store, connection: AsyncConnection, deal_id: str, fact: FactTaken) -> None:
    reason = f"{fact.fact.replace('_', ' ')}, told by deal {deal_id}"
    for address in fact.addresses or ((fact.address,) if fact.address else ()):
        listed = SuppressedAddress(address=address, reason=reason, since=fact.happened_at, deal_id=deal_id)
        await suppression.write(store, connection, listed, bounced=fact.bounced)
