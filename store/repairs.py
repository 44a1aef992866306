"""Writes that ``dealwright repair`` makes after the store or Temporal was restored to an older copy.

Everything here may be done again: what is right already stays as it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.effects import Cap, Effect, Message, Outcome
from store.database import Store
from store.intake import IntakeState
from store.journal import JournalRow
from store.ledger import LedgerState
from store.tables import finished_deals, intake, journal, ledger, reservations, set_aside

_NOT_SETTLED = (LedgerState.CLAIMED, LedgerState.RELEASED, LedgerState.HANDING_OVER)
_STATES = {"withdrawn": LedgerState.WITHDRAWN, "uncertain": LedgerState.UNCERTAIN}


async def set_lines_aside(connection: AsyncConnection, deal_id: str, lines: Sequence[JournalRow]) -> None:
    """Move lines that hold no more out of the journal. A deal whose end is among them is not over."""
    for line in lines:
        this = (journal.c.seq == line.seq, journal.c.deal_id == deal_id)
        columns = [column.name for column in journal.c]
        await connection.execute(insert(set_aside).from_select(columns, select(journal).where(*this)))
        await connection.execute(delete(journal).where(*this))
        if line.kind == "deal_closed":
            await connection.execute(delete(finished_deals).where(finished_deals.c.deal_id == deal_id))


async def record_outcome(
    store: Store, connection: AsyncConnection, deal_id: str, outcome: Outcome, effect: Effect | None = None
) -> None:
    """Record what became of an effect, where the ledger does not know it."""
    state = _STATES.get(outcome.status, LedgerState.RECORDED)
    result = outcome.model_dump(mode="json", exclude_none=True) if state is LedgerState.RECORDED else None
    known = {"state": state, "token": uuid.uuid4().hex, "last_error": outcome.reason, "result": result}
    await _put(store, connection, _row(deal_id, outcome.effect, outcome.kind, effect, outcome.at), known)
    if outcome.status == "done" and isinstance(effect, Message):
        await _reserve(store, connection, effect.id, effect.caps, outcome.at or effect.at)


async def mark_uncertain(store: Store, connection: AsyncConnection, deal_id: str, effect: Effect, reason: str) -> None:
    """Say of an effect that is not settled that nobody knows whether it was handed over: it will not be again."""
    known = {"state": LedgerState.UNCERTAIN, "token": uuid.uuid4().hex, "last_error": reason, "result": None}
    await _put(store, connection, _row(deal_id, effect.id, effect.kind, effect, None), known)


async def unsettled(store: Store, effects: Collection[str]) -> set[str]:
    """Those of the effects of which the ledger does not know what became."""
    asked, settled = list(effects), set[str]()
    async with store.reading() as connection:
        for place in range(0, len(asked), 500):
            some = ledger.c.effect_id.in_(asked[place : place + 500])
            wanted = select(ledger.c.effect_id).where(some, ledger.c.state.not_in(_NOT_SETTLED))
            settled.update(await connection.scalars(wanted))
    return set(asked) - settled


async def open_deals(store: Store) -> set[str]:
    """Deals that have a journal, and no end in it."""
    over = select(finished_deals.c.deal_id)
    wanted = select(journal.c.deal_id).where(journal.c.deal_id.not_in(over)).distinct()
    async with store.reading() as connection:
        return set(await connection.scalars(wanted))


async def _put(
    store: Store, connection: AsyncConnection, row: Mapping[str, object], known: Mapping[str, object]
) -> None:
    added = await connection.execute(store.insert_new(ledger), {**row, **known})
    if not added.rowcount:
        this = (ledger.c.effect_id == row["effect_id"], ledger.c.state.in_(_NOT_SETTLED))
        await connection.execute(update(ledger).where(*this).values(**known))


def _row(deal_id: str, effect_id: str, kind: str, effect: Effect | None, at: datetime | None) -> dict[str, object]:
    message = effect if isinstance(effect, Message) else None
    now = datetime.now(UTC)
    return {
        "effect_id": effect_id, "deal_id": deal_id, "kind": kind, "at": at or (effect.at if effect else now),
        "claimed_at": now, "attempts": 1, "hand_overs": 1, "unwanted": False,
        "contact": message.to.id if message else None, "recipient": message.address if message else None,
    }  # fmt: skip


async def _reserve(
    store: Store, connection: AsyncConnection, effect_id: str, caps: Sequence[Cap], at: datetime
) -> None:
    rows = [
        {"effect_id": effect_id, "scope": scope, "key": key, "at": at}
        for scope, key in {(c.scope, c.key) for c in caps}
    ]
    if rows:
        await connection.execute(store.insert_new(reservations), rows)


async def delivered_since(store: Store, since: datetime) -> int:
    """How many events of the intake were passed on, or came for a deal that was over, since a time (wall clock)."""
    async with store.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(intake).where(*_delivered(since))) or 0)


async def redeliver(store: Store, since: datetime, now: datetime) -> int:
    """Let them wait to be passed on once more, the oldest first; deals know by their ids those that they have."""
    again = {"state": IntakeState.WAITING, "not_before": now, "attempts": 0, "last_error": None}
    async with store.writing() as connection:
        return (await connection.execute(update(intake).where(*_delivered(since)).values(**again))).rowcount


def _delivered(since: datetime) -> tuple[ColumnElement[bool], ...]:
    done = intake.c.state.in_((IntakeState.DISPATCHED, IntakeState.CLOSED_DEAL))
    return done, or_(intake.c.received_at >= since, intake.c.dispatched_at >= since)
