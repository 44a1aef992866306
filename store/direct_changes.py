"""Lines of the audit trail for what reached a deal at Temporal itself, written with the deal's story.

The gateway, the command line and the Nexus service write lines of their own, and the intake has what webhooks brought.
What none of them knows came from a service with ``DealClient``, or from Temporal's UI or command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, insert, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.entries import CommandTaken, DealOpened, DealRefused, Entry, FactRefused, FactTaken
from dealwright.facts import TouchConfirmed
from store.audit import DIRECT, AuditEntry, reached
from store.tables import audit, intake

_ITS_OWN = "late-"
"""How the ids of facts begin that a worker tells a deal (``activities.late_results``)."""


async def note(connection: AsyncConnection, deal_id: str, entries: Sequence[Entry]) -> None:
    """Leave a line for each fact, command and opening that nobody else has written down, in the caller's transaction.

    What came over HTTP may have its line a moment later: then ``store.audit.recent`` leaves this one out.
    """
    lines = [line for entry in entries if (line := _line(deal_id, entry)) is not None]
    if lines:
        there = await _there(connection, deal_id, lines)
        brought = await _brought_by_webhooks(connection, deal_id, lines)
        if new := [line for line in lines if _key(line) not in there and not _names(line, deal_id) & brought]:
            await connection.execute(insert(audit), [line.model_dump() for line in new])


def _line(deal_id: str, entry: Entry) -> AuditEntry | None:
    match entry:
        case FactTaken(fact=TouchConfirmed.name, id=str(id_)) if id_.startswith(_ITS_OWN):
            return None
        case CommandTaken():
            return _asked(deal_id, entry, f"give_{entry.command}", entry.id, entry.by, taken=entry.accepted)
        case FactTaken():
            return _asked(deal_id, entry, f"tell_{entry.fact}", entry.id, entry.by or entry.source)
        case FactRefused():
            return _asked(deal_id, entry, f"tell_{entry.fact}", entry.id, taken=False)
        case DealOpened() | DealRefused():
            return _asked(deal_id, entry, "open_deal", taken=isinstance(entry, DealOpened))
    return None


def _asked(
    deal_id: str, entry: Entry, what: str, id_: str | None = None, by: str | None = None, *, taken: bool = True
) -> AuditEntry:
    result = "done" if taken else "refused"
    return AuditEntry(
        at=entry.at, caller=DIRECT, by=by, operation=what, deal_id=deal_id, idempotency_key=id_, result=result
    )


def _key(line: AuditEntry) -> tuple[str, object]:
    """What tells a line from the others of its deal. A fact without an id counts each time that it is told."""
    return line.operation, line.idempotency_key or line.at


async def _there(connection: AsyncConnection, deal_id: str, lines: Sequence[AuditEntry]) -> set[tuple[str, object]]:
    """What the audit trail has of these already, whoever wrote it."""
    columns = (audit.c.operation, audit.c.idempotency_key, audit.c.at)
    named = audit.c.idempotency_key.in_([line.idempotency_key for line in lines if line.idempotency_key])
    itself = and_(audit.c.caller == DIRECT, audit.c.at.in_([line.at for line in lines]))
    found = await connection.execute(
        select(*columns).where(audit.c.deal_id == deal_id, or_(named, itself), reached(audit))
    )
    return {(row.operation, row.idempotency_key or row.at) for row in found}


async def _brought_by_webhooks(connection: AsyncConnection, deal_id: str, lines: Iterable[AuditEntry]) -> set[str]:
    """The names under which the intake has some of these."""
    names = sorted(set().union(*(_names(line, deal_id) for line in lines)))
    events = [(source, event_id) for name in names for source, colon, event_id in (name.partition(":"),) if colon]
    columns = (intake.c.source, intake.c.event_id, intake.c.given_id)
    where = or_(tuple_(intake.c.source, intake.c.event_id).in_(events), intake.c.given_id.in_(names))
    found = (await connection.execute(select(*columns).where(where))).all()
    return {f"{row.source}:{row.event_id}" for row in found} | {row.given_id for row in found if row.given_id}


def _names(line: AuditEntry, deal_id: str) -> set[str]:
    """What the intake may call it: its id, without what was added for one of several deals; of an opening, the deal."""
    if line.operation == "open_deal":
        return {f"open {deal_id}"}
    id_ = line.idempotency_key or ""
    return {name for name in (id_, id_.rpartition("+")[0]) if name}
