"""The once-only protocol for one row of the ledger: from its claim to the result of its call.

1. One transaction: the effect is claimed with a fresh token.
2. One transaction, fenced by the token: the last checks, the caps' reservations, the row to ``handing_over``.
3. The call itself.
4. The result is recorded, and returned as the outcome.

Killed between the commits of 2 and 4, at most one call was made, and the next attempt cannot know: what follows
depends on the delivery's class (:class:`~integrations.kit.delivery.Idempotency`). Killed anywhere else, exactly one
call is made. What a delivery needs to have there first goes through the same protocol, each part as a row of its own.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from temporalio.exceptions import ApplicationError

from activities.attempt import Attempt
from dealwright.effects import Outcome
from integrations.kit.delivery import LONGEST_CALL, Absent, Delivery, Found, Idempotency, Lookup, Part, Unsure
from integrations.kit.errors import NotHandedOver, Refused, Unanswered, look_again, overtaken, try_again
from store import ledger
from store.database import Store
from store.errors import StoreAway
from store.ledger import Claim, Fenced, LedgerRow, LedgerState
from store.reservations import LastChecks

_T = TypeVar("_T")
_PART = "#"
"""Between an effect's id and the name of one of its parts. No effect's id has it."""
_INTERRUPTED = "an earlier attempt was interrupted while it was handing over"

Prepare = Callable[[], Awaitable[Delivery]]
"""Makes an effect ready, without changing anything outside; may raise ``Refused`` or ``NotHandedOver``."""
Confirm = Callable[[str, str], Awaitable[None]]
"""Tells a deal (by id) that an effect (by id) it believes uncertain was handed over."""


class Checkpoint(StrEnum):
    """Where an attempt may be killed on purpose, to see that nothing is lost or doubled."""

    AFTER_CLAIM = "after_claim"
    BEFORE_HAND_OVER = "before_hand_over"
    AFTER_ACCEPTED = "after_accepted"
    BEFORE_RECORD = "before_record"
    AFTER_RECORD = "after_record"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long something is tried before it is given up, by the wall clock."""

    to_record: timedelta = timedelta(minutes=1)
    """A result that is known, while the database is away."""
    to_find: timedelta = timedelta(hours=2)
    """An effect on the other side, while its answers settle nothing."""


@dataclass(frozen=True, kw_only=True)
class OnceOnly:
    """The protocol. ``checkpoint`` is called at each of the named points; tests kill there."""

    store: Store
    confirm: Confirm
    checkpoint: Callable[[Checkpoint], None]
    patience: Patience
    clock: Callable[[], datetime]

    async def hand_over(
        self, claim: Claim, row: LedgerRow, attempt: Attempt, prepare: Prepare, checks: LastChecks
    ) -> Outcome:
        """Hand over what was claimed; ``row`` is what the claim found.

        Raises:
            ApplicationError: the attempt is to be repeated.
            StoreAway: the database is away.
        """
        if row.token == claim.token and row.state is LedgerState.CLAIMED:
            self.checkpoint(Checkpoint.AFTER_CLAIM)
            return await self._first(claim, attempt, prepare, checks)
        if (outcome := settled(row)) is not None:
            return outcome
        return await self._resume(claim, row, attempt, prepare)

    async def _first(self, claim: Claim, attempt: Attempt, prepare: Prepare, checks: LastChecks) -> Outcome:
        try:
            delivery = await prepare()
            kept = await self._parts(claim, attempt, delivery, checks)
        except Refused as refused:
            return await self._record(claim, outcome_of(claim, "failed", refused.reason))
        except NotHandedOver as error:
            return await self._release(claim, error.reason, try_again(error))
        except ApplicationError as error:  # of a part
            return await self._release(claim, error.message, error)
        if kept is not None and kept.status != "done":
            return await self._without_part(claim, kept, checks, attempt)
        try:
            instead = await ledger.begin_hand_over(self.store, claim, checks, attempt.at)
        except Fenced:
            return await self._current_outcome(claim)
        except StoreAway as away:
            # Whether the commit took place is not known; that no call was made is.
            return await self._release(claim, str(away), try_again(NotHandedOver(str(away))))
        if instead is not None:
            return instead.model_copy(update={"journaled": True})
        self.checkpoint(Checkpoint.BEFORE_HAND_OVER)
        return await self._call(claim, attempt, delivery, kept.reference if kept else None)

    async def _parts(self, claim: Claim, attempt: Attempt, delivery: Delivery, checks: LastChecks) -> Outcome | None:
        """Hand over what has to be there first; the outcome of the last part, or of the one that did not arrive."""
        outcome = None
        for part in delivery.before:
            outcome = await self._part(claim, attempt, part, checks)
            if outcome.status != "done":
                break
        return outcome

    async def _part(self, whole: Claim, attempt: Attempt, part: Part, checks: LastChecks) -> Outcome:
        if part.delivery.idempotency is Idempotency.VENDOR and not part.delivery.before:
            return outcome_of(whole, "done", None).model_copy(update={"reference": await _made_sure(part.delivery)})

        async def ready() -> Delivery:
            return part.delivery

        claim = replace(
            whole, effect_id=f"{whole.effect_id}{_PART}{part.name}", kind=part.name, token=uuid.uuid4().hex,
            contact=None, recipient=None,
        )  # fmt: skip
        async with self.store.writing() as connection:
            row = await ledger.claim(self.store, connection, claim)
        return await self.hand_over(claim, row, attempt, ready, LastChecks(not_after=checks.not_after))

    async def _without_part(self, claim: Claim, part: Outcome, checks: LastChecks, attempt: Attempt) -> Outcome:
        """Settle an effect of which a part did not arrive: it fares as the part did."""
        if part.status != "uncertain":
            return await self._record(claim, outcome_of(claim, part.status, part.reason))
        try:
            instead = await ledger.begin_hand_over(self.store, claim, checks, attempt.at)
        except Fenced:
            return await self._current_outcome(claim)
        return instead or await self._declare_uncertain(claim, part.reason or _INTERRUPTED)

    async def _call(self, claim: Claim, attempt: Attempt, delivery: Delivery, known_as: str | None = None) -> Outcome:
        try:
            reference = await delivery.send()
        except NotHandedOver as error:
            return await self._release(claim, error.reason, try_again(error))
        except Refused as refused:
            return await self._record(claim, outcome_of(claim, "failed", refused.reason))
        except Unanswered as unanswered:
            if delivery.idempotency is not Idempotency.NONE:
                raise look_again(unanswered.reason) from unanswered
            return await self._declare_uncertain(claim, unanswered.reason)
        self.checkpoint(Checkpoint.AFTER_ACCEPTED)
        return await self._arrived(claim, attempt, delivery, reference or known_as)

    async def _resume(self, claim: Claim, row: LedgerRow, attempt: Attempt, prepare: Prepare) -> Outcome:
        """Go on where an attempt was in the middle of its call: it may be dead, or believed dead."""
        try:
            delivery = await prepare()
            if delivery.idempotency is Idempotency.VENDOR:
                return await self._call_again(claim, row, attempt, delivery)
            if delivery.find is None:
                return await self._declare_uncertain(row, _INTERRUPTED)
            found = await delivery.find()
        except Refused as refused:
            return await self._declare_uncertain(row, refused.reason)
        except NotHandedOver as error:
            raise look_again(error.reason, error.retry_after) from error
        except Unanswered as error:
            raise look_again(error.reason) from error
        except Fenced:
            return await self._current_outcome(claim)
        if isinstance(found, Found):
            return await self._arrived(row, attempt, delivery, found.reference)
        return await self._not_found(claim, row, attempt, delivery, found)

    async def _not_found(
        self, claim: Claim, row: LedgerRow, attempt: Attempt, delivery: Delivery, found: Lookup
    ) -> Outcome:
        since_then = self.clock() - row.claimed_at
        if isinstance(found, Absent):
            too_early = LONGEST_CALL + delivery.visible_after - since_then
            if too_early > timedelta(0):
                raise look_again("It is not there, and may be on its way", too_early)
            if delivery.idempotency is Idempotency.SEARCHABLE:
                return await self._call_again(claim, row, attempt, delivery)
            return await self._declare_uncertain(row, f"{_INTERRUPTED}, and it was not found on the other side")
        reason = found.reason if isinstance(found, Unsure) else _INTERRUPTED
        if since_then > self.patience.to_find:
            return await self._declare_uncertain(row, reason)
        raise look_again(reason)

    async def _call_again(self, claim: Claim, row: LedgerRow, attempt: Attempt, delivery: Delivery) -> Outcome:
        try:
            await ledger.take_over(self.store, row, claim, self.clock())
        except Fenced:
            return await self._current_outcome(claim)
        return await self._call(claim, attempt, delivery)

    async def _arrived(
        self, held: Claim | LedgerRow, attempt: Attempt, delivery: Delivery, reference: str | None
    ) -> Outcome:
        if (arrived := delivery.arrived) is not None:
            await self._retry_write(lambda: arrived(reference))
        known = {"at": attempt.at, "reference": reference, "conversation": delivery.conversation}
        return await self._record(held, outcome_of(held, "done", None).model_copy(update=known))

    async def _record(self, held: Claim | LedgerRow, outcome: Outcome) -> Outcome:
        self.checkpoint(Checkpoint.BEFORE_RECORD)
        try:
            before = await self._retry_write(lambda: ledger.record(self.store, held, outcome))
        except Fenced:
            return await self._current_outcome(held)
        self.checkpoint(Checkpoint.AFTER_RECORD)
        if before is LedgerState.UNCERTAIN and outcome.status == "done" and _PART not in held.effect_id:
            await self.confirm(held.deal_id, held.effect_id)
        return outcome

    async def _release(self, claim: Claim, reason: str, again: ApplicationError) -> Outcome:
        try:
            state = await self._retry_write(lambda: ledger.release(self.store, claim, reason))
        except Fenced:
            return await self._current_outcome(claim)
        if state is LedgerState.WITHDRAWN:
            return outcome_of(claim, "withdrawn", "it was no longer wanted")
        raise again

    async def _declare_uncertain(self, held: Claim | LedgerRow, reason: str) -> Outcome:
        try:
            await self._retry_write(lambda: ledger.declare_uncertain(self.store, held, reason))
        except Fenced:
            return await self._current_outcome(held)
        return outcome_of(held, "uncertain", reason)

    async def _current_outcome(self, held: Claim | LedgerRow) -> Outcome:
        """What another attempt, or a withdrawal, has made of the row meanwhile."""
        row = await ledger.row(self.store, held.effect_id)
        outcome = None if row is None else settled(row)
        if outcome is None:
            raise overtaken(held.effect_id)
        return outcome

    async def _retry_write(self, write: Callable[[], Awaitable[_T]]) -> _T:
        """Write down what is known of a call, again and again: forgetting it would make it uncertain."""
        deadline, pause = time.monotonic() + self.patience.to_record.total_seconds(), 0.1
        while True:
            try:
                return await write()
            except StoreAway:
                if time.monotonic() + pause > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)


async def _made_sure(delivery: Delivery) -> str | None:
    """Make a call that may be repeated; without an answer nothing is lost, and the whole effect is tried again."""
    try:
        reference = await delivery.send()
        if delivery.arrived is not None:
            await delivery.arrived(reference)
    except StoreAway as error:
        raise NotHandedOver(str(error)) from error
    except Unanswered as error:
        raise NotHandedOver(error.reason) from error
    return reference


def settled(row: LedgerRow) -> Outcome | None:
    """What became of an effect, if that is settled or nobody knows; None while an attempt may still tell."""
    match row.state:
        case LedgerState.RECORDED if row.result is not None:
            return row.result.model_copy(update={"journaled": True})
        case LedgerState.WITHDRAWN:
            return outcome_of(row, "withdrawn", "it was no longer wanted")
        case LedgerState.UNCERTAIN:
            return outcome_of(row, "uncertain", row.last_error)
        case _:
            return None


def outcome_of(held: Claim | LedgerRow, status: str, reason: str | None) -> Outcome:
    """An outcome of what is held, with its entries in the journal."""
    return Outcome(effect=held.effect_id, kind=held.kind, status=status, reason=reason, journaled=True)


def wall_clock() -> datetime:
    """The time now, by the wall clock."""
    return datetime.now(UTC)
