"""The ledger: one row for each effect, so that none is handed over twice.

``claimed(token)`` → ``handing_over`` → ``recorded(result)``. Whoever holds the row's token may move it on; a
compare-and-set on the token fences off a process that was believed dead. ``at`` and everything that counts
against a cap are in the deal's time, ``claimed_at`` is in the wall clock's.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Update, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from dealwright.effects import Outcome
from dealwright.entries import EffectSettled
from store import reservations
from store.database import Store, insert_into
from store.errors import EffectConflict
from store.ledger_rows import LedgerRow, LedgerState
from store.reservations import LastChecks
from store.tables import ledger

__all__ = ["LedgerRow", "LedgerState"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An attempt at one effect, under a fresh token."""

    effect_id: str
    deal_id: str
    kind: str
    token: str
    at: datetime
    contact: str | None = None
    recipient: str | None = None


class Fenced(Exception):
    """The row is not this token's to move: another attempt, or a withdrawal, was there first."""


async def claim(store: Store, connection: AsyncConnection, wanted: Claim) -> LedgerRow:
    """Claim an effect, in the caller's transaction; the claim holds if the row returned has the claim's token.

    Raises:
        EffectConflict: the id stands for another effect.
    """
    statement = _claiming(embedded=store.embedded)
    found = (await connection.execute(statement, {**vars(wanted), "claimed_at": datetime.now(UTC)})).one_or_none()
    if found is None:
        found = (await connection.execute(select(ledger).where(ledger.c.effect_id == wanted.effect_id))).one()
    row = LedgerRow.model_validate(found)
    if row.deal_id != wanted.deal_id or row.kind not in {wanted.kind, ""}:
        stands, came = f"{row.kind} of {row.deal_id}", f"{wanted.kind} of {wanted.deal_id}"
        raise EffectConflict(wanted.effect_id, stands, came)
    return row if row.kind else await _made_known(connection, row, wanted)


async def _made_known(connection: AsyncConnection, row: LedgerRow, wanted: Claim) -> LedgerRow:
    """Say what an effect is that was withdrawn by somebody who only knew its id."""
    known = {"kind": wanted.kind, "contact": wanted.contact, "recipient": wanted.recipient}
    await connection.execute(update(ledger).where(ledger.c.effect_id == row.effect_id).values(**known))
    return row.model_copy(update=known)


async def begin_hand_over(store: Store, claim: Claim, checks: LastChecks, now: datetime) -> Outcome | None:
    """Make the last checks and say that the call begins, in one transaction.

    Returns None when the call may be made, else what became of the effect instead: ``skipped`` for good, or
    ``deferred`` until a cap has room.

    Raises:
        Fenced: the claim holds no more.
    """
    async with store.writing() as connection:
        refusal = await reservations.check(store, connection, checks, now)
        if refusal is None:
            await reservations.reserve(connection, claim.effect_id, checks.caps, now)
            await _move(connection, _BEGIN, claim, LedgerState.CLAIMED, now=now)
            return None
        outcome = refusal.model_copy(update={"effect": claim.effect_id, "kind": claim.kind})
        if outcome.status == "deferred":
            await _move(connection, _DEFER, claim, LedgerState.CLAIMED, reason=outcome.reason)
        else:
            await _move(connection, _RECORD, claim, LedgerState.CLAIMED, **_result(outcome))
        return outcome


async def record(store: Store, held: Claim | LedgerRow, outcome: Outcome) -> LedgerState:
    """Record the result; returns the state that the row was in before.

    ``uncertain`` is returned for a result that came late: the deal was told that nothing is known.

    Raises:
        Fenced: the row is not the holder's.
    """
    async with store.writing() as connection:
        if outcome.status != "done":
            await reservations.release(connection, held.effect_id)
        for before in (LedgerState.HANDING_OVER, LedgerState.UNCERTAIN, LedgerState.CLAIMED):
            if await _moved(connection, _RECORD, held, before, **_result(outcome)):
                return before
        raise Fenced


async def release(store: Store, claim: Claim, reason: str) -> LedgerState:
    """Say that nothing was handed over, so that the id may be claimed again; returns the row's new state.

    Only the holder of the token can know this, also when the row was declared uncertain meanwhile. An effect
    that was to be withdrawn is ``withdrawn`` now.

    Raises:
        Fenced: the row is not this claim's.
    """
    async with store.writing() as connection:
        state: str | None = await connection.scalar(_RELEASE, {**_named(claim), "reason": reason})
        if state is None:
            raise Fenced
        await reservations.release(connection, claim.effect_id)
    return LedgerState(state)


async def declare_uncertain(store: Store, held: Claim | LedgerRow, reason: str) -> None:
    """Say that nobody knows whether the effect was handed over.

    Raises:
        Fenced: the row has moved on.
    """
    async with store.writing() as connection:
        await _move(connection, _DOUBT, held, LedgerState.HANDING_OVER, reason=reason)


async def take_over(store: Store, row: LedgerRow, claim: Claim, now: datetime) -> None:
    """Make a hand-over one's own that another attempt began, to make the very same call again (``now``: wall clock).

    Raises:
        Fenced: the row has moved on.
    """
    async with store.writing() as connection:
        await _move(connection, _TAKE_OVER, row, LedgerState.HANDING_OVER, fresh_token=claim.token, again_at=now)


async def withdraw(
    store: Store, connection: AsyncConnection, deal_id: str, effects: Mapping[str, str], at: datetime
) -> list[LedgerRow]:
    """Withdraw what was not handed over yet, in the caller's transaction; returns the rows as they stand then.

    ``effects`` are ids with their kinds. One that is not in the ledger is put there as withdrawn, so that a claim on
    its way finds it.
    """
    rows = []
    for effect, kind in effects.items():
        insert = store.insert(ledger).values(
            effect_id=effect, deal_id=deal_id, kind=kind, state=LedgerState.WITHDRAWN, at=at, attempts=0, hand_overs=0,
            claimed_at=datetime.now(UTC), unwanted=True,
        )  # fmt: skip
        stopped = case(
            (ledger.c.state.in_((LedgerState.CLAIMED, LedgerState.RELEASED)), LedgerState.WITHDRAWN.value),
            else_=ledger.c.state,
        )
        statement = insert.on_conflict_do_update(
            index_elements=["effect_id"], set_={"unwanted": True, "state": stopped}, where=ledger.c.deal_id == deal_id
        )
        found = (await connection.execute(statement.returning(ledger))).one_or_none()
        if found is None:
            raise EffectConflict(effect, "an effect of another deal", f"one of {deal_id}")
        rows.append(LedgerRow.model_validate(found))
    return rows


async def settle(connection: AsyncConnection, settled: EffectSettled) -> None:
    """Record what a person found out about an uncertain effect, in the caller's transaction; no other is touched."""
    outcome = Outcome(effect=settled.effect, kind=settled.does, status=settled.status, reason=settled.reason)
    found = (ledger.c.effect_id == settled.effect, ledger.c.state == LedgerState.UNCERTAIN)
    values = {"state": LedgerState.RECORDED, "result": outcome.model_dump(mode="json", exclude_none=True)}
    moved = await connection.execute(update(ledger).where(*found).values(last_error=settled.reason, **values))
    if moved.rowcount and settled.status != "done":
        await reservations.release(connection, settled.effect)


async def row(store: Store, effect_id: str) -> LedgerRow | None:
    """One effect as it stands in the ledger."""
    async with store.reading() as connection:
        found = (await connection.execute(select(ledger).where(ledger.c.effect_id == effect_id))).one_or_none()
    return None if found is None else LedgerRow.model_validate(found)


async def of_deal(store: Store, deal_id: str) -> list[LedgerRow]:
    """A deal's effects, in the order of its time."""
    statement = select(ledger).where(ledger.c.deal_id == deal_id).order_by(ledger.c.at, ledger.c.effect_id)
    async with store.reading() as connection:
        return [LedgerRow.model_validate(found) for found in await connection.execute(statement)]


async def counts(store: Store) -> dict[tuple[str, LedgerState], int]:
    """How many effects there are of each kind and state."""
    statement = select(ledger.c.kind, ledger.c.state, func.count()).group_by(ledger.c.kind, ledger.c.state)
    async with store.reading() as connection:
        return {(kind, LedgerState(state)): count for kind, state, count in await connection.execute(statement)}


_NOT_SETTLED = (LedgerState.CLAIMED, LedgerState.HANDING_OVER, LedgerState.UNCERTAIN)
_MINE = (ledger.c.effect_id == bindparam("held_id"), ledger.c.token == bindparam("held_token"))
_MOVE = update(ledger).where(*_MINE, ledger.c.state == bindparam("before"))
_BEGIN = _MOVE.values(state=LedgerState.HANDING_OVER, at=bindparam("now"), hand_overs=ledger.c.hand_overs + 1)
_DEFER = _MOVE.values(state=LedgerState.RELEASED, last_error=bindparam("reason"))
_DOUBT = _MOVE.values(state=LedgerState.UNCERTAIN, last_error=bindparam("reason"))
_RECORD = _MOVE.values(state=LedgerState.RECORDED, last_error=bindparam("reason"), result=bindparam("outcome"))
_TAKE_OVER = _MOVE.values(
    token=bindparam("fresh_token"),
    claimed_at=bindparam("again_at"),
    attempts=ledger.c.attempts + 1,
    hand_overs=ledger.c.hand_overs + 1,
)
_RELEASE = (
    update(ledger)
    .where(*_MINE, ledger.c.state.in_(_NOT_SETTLED))
    .values(
        state=case((ledger.c.unwanted, LedgerState.WITHDRAWN.value), else_=LedgerState.RELEASED.value),
        last_error=bindparam("reason"),
    )
    .returning(ledger.c.state)
)


@functools.cache
def _claiming(*, embedded: bool) -> ReturningInsert[tuple[object, ...]]:
    """The claim: made, taken from an attempt that handed nothing over, or no row at all."""
    first = {"state": LedgerState.CLAIMED, "attempts": 1, "hand_overs": 0, "unwanted": False}
    insert = insert_into(ledger, embedded=embedded).values(**first)
    again = {name: insert.excluded[name] for name in ("state", "token", "at", "contact", "recipient", "claimed_at")}
    return insert.on_conflict_do_update(
        index_elements=["effect_id"],
        set_={**again, "attempts": ledger.c.attempts + 1},
        where=ledger.c.state.in_((LedgerState.CLAIMED, LedgerState.RELEASED)),
    ).returning(*ledger.c)


async def _move(
    connection: AsyncConnection, move: Update, held: Claim | LedgerRow, before: LedgerState, **values: object
) -> None:
    if not await _moved(connection, move, held, before, **values):
        raise Fenced


async def _moved(
    connection: AsyncConnection, move: Update, held: Claim | LedgerRow, before: LedgerState, **values: object
) -> bool:
    moved = await connection.execute(move, {**_named(held), "before": before, **values})
    return moved.rowcount == 1


def _named(held: Claim | LedgerRow) -> dict[str, object]:
    return {"held_id": held.effect_id, "held_token": held.token}


def _result(outcome: Outcome) -> dict[str, object]:
    return {"outcome": outcome.model_dump(mode="json", exclude_none=True), "reason": outcome.reason}
