"""The once-only protocol: hands each effect over to the outside at most once, with the journal entries it carries.

1. One transaction: the journal entries that ride along are written, the effect is claimed with a fresh token.
2. One transaction, fenced by the token: the last checks, the caps' reservations, the row to ``handing_over``.
3. The call itself.
4. The result is recorded, and returned as the outcome.

Killed between the commits of 2 and 4, at most one call was made, and the next attempt cannot know: it asks the
other side where that is possible, makes the very same call again where that changes nothing, and says
``uncertain`` otherwise. Killed anywhere else, exactly one call is made.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from activities.attempt import Attempt
from dealwright.contract import EffectRequest, JournalRequest, WithdrawRequest
from dealwright.effects import Conversation, Effect, Outcome, SendEmail
from dealwright.values.addresses import normal
from integrations.kit.errors import NotHandedOver, Refused, Unanswered, overtaken, store_errors_for_temporal, try_again
from store import journal, ledger
from store.database import Store
from store.errors import StoreAway
from store.ledger import Claim, Fenced, LedgerRow, LedgerState
from store.reservations import LastChecks

_T = TypeVar("_T")


class Checkpoint(StrEnum):
    """Where an attempt may be killed on purpose, to see that nothing is lost or doubled."""

    AFTER_CLAIM = "after_claim"
    BEFORE_HAND_OVER = "before_hand_over"
    AFTER_ACCEPTED = "after_accepted"
    BEFORE_RECORD = "before_record"
    AFTER_RECORD = "after_record"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How one effect reaches the other side.

    ``send`` makes the call and returns what the other side names it. ``repeatable``: the same call made again
    changes nothing. ``find`` asks the other side for what it names the effect, None when it does not know it.
    ``conversation`` is what a message carries on, kept with its result.
    """

    send: Callable[[], Awaitable[str | None]]
    repeatable: bool = False
    find: Callable[[], Awaitable[str | None]] | None = None
    conversation: Conversation | None = None


Prepare = Callable[[], Awaitable[Delivery]]
"""Makes an effect ready, without touching the outside; may raise ``Refused`` or ``NotHandedOver``."""
Confirm = Callable[[str, str], Awaitable[None]]
"""Tells a deal (by id) that an effect (by id) it believes uncertain was handed over."""


class Ledger:
    """The once-only protocol.

    ``checkpoint`` is called at each of the named points; tests kill there. ``patience`` is how long a result
    that is known is tried to be recorded while the database is away.
    """

    def __init__(
        self,
        store: Store,
        confirm: Confirm,
        *,
        checkpoint: Callable[[Checkpoint], None] = lambda _: None,
        patience: timedelta = timedelta(minutes=1),
    ) -> None:
        self._store, self._confirm, self._checkpoint, self._patience = store, confirm, checkpoint, patience

    async def hand_over(self, request: EffectRequest, attempt: Attempt, prepare: Prepare) -> Outcome:
        """Hand an effect over once, and return what became of it.

        Raises:
            ApplicationError: nothing was handed over and the attempt may be repeated, or the database is away,
                or (final) an id stands for two things.
        """
        with store_errors_for_temporal():
            claim = _claim(request, attempt)
            row = await self._claim(request, claim, attempt.run)
            if row.token == claim.token and row.state is LedgerState.CLAIMED:
                self._checkpoint(Checkpoint.AFTER_CLAIM)
                return await self._first_hand_over(request.effect, claim, attempt, prepare)
            if (outcome := settled(row)) is not None:
                return outcome
            return await self._resume_interrupted(claim, row, attempt, prepare)

    async def write(self, request: JournalRequest, run: str) -> None:
        """Write journal entries that have no effect to ride on.

        Raises:
            ApplicationError: the database is away, or (final) a number stands for two entries.
        """
        with store_errors_for_temporal():
            async with self._store.writing() as connection:
                await journal.write(self._store, connection, request.deal_id, request.entries, run)

    async def withdraw(self, request: WithdrawRequest, run: str) -> list[Outcome]:
        """Withdraw effects that are no longer wanted, where it is not too late; see ``WithdrawRequest``.

        Raises:
            ApplicationError: the database is away, or (final) an id stands for two things.
        """
        with store_errors_for_temporal():
            async with self._store.writing() as connection:
                await journal.write(self._store, connection, request.deal_id, request.entries, run)
                effects = {effect: request.kinds.get(effect, "") for effect in request.effects}
                rows = await ledger.withdraw(self._store, connection, request.deal_id, effects, request.at)
        return [settled(row) or _outcome(row, "not_done", "it is being handed over at this moment") for row in rows]

    async def _claim(self, request: EffectRequest, claim: Claim, run: str) -> LedgerRow:
        async with self._store.writing() as connection:
            await journal.write(self._store, connection, request.deal_id, request.entries, run)
            return await ledger.claim(self._store, connection, claim)

    async def _first_hand_over(self, effect: Effect, claim: Claim, attempt: Attempt, prepare: Prepare) -> Outcome:
        try:
            delivery = await prepare()
        except Refused as refused:
            return await self._record(claim, _outcome(claim, "failed", refused.reason))
        except NotHandedOver as error:
            return await self._release(claim, error)
        try:
            instead = await ledger.begin_hand_over(self._store, claim, last_checks(effect), attempt.at)
        except Fenced:
            return await self._current_outcome(claim)
        except StoreAway as away:
            # Whether the commit took place is not known; that no call was made is.
            return await self._release(claim, NotHandedOver(str(away)))
        if instead is not None:
            return instead.model_copy(update={"journaled": True})
        self._checkpoint(Checkpoint.BEFORE_HAND_OVER)
        return await self._call(claim, attempt, delivery)

    async def _call(self, claim: Claim, attempt: Attempt, delivery: Delivery) -> Outcome:
        try:
            reference = await delivery.send()
        except NotHandedOver as error:
            return await self._release(claim, error)
        except Refused as refused:
            return await self._record(claim, _outcome(claim, "failed", refused.reason))
        except Unanswered as unanswered:
            if delivery.repeatable or delivery.find is not None:
                raise try_again(NotHandedOver(f"No answer yet: {unanswered.reason}")) from unanswered
            return await self._declare_uncertain(claim, unanswered.reason)
        self._checkpoint(Checkpoint.AFTER_ACCEPTED)
        return await self._record(claim, _done(claim, attempt, delivery, reference))

    async def _resume_interrupted(self, claim: Claim, row: LedgerRow, attempt: Attempt, prepare: Prepare) -> Outcome:
        """Go on where an attempt was in the middle of its call: it may be dead, or believed dead."""
        try:
            delivery = await prepare()
            if delivery.repeatable:
                await ledger.take_over(self._store, row, claim)
                return await self._call(claim, attempt, delivery)
            reference = await delivery.find() if delivery.find is not None else None
        except Refused as refused:
            return await self._declare_uncertain(row, refused.reason)
        except NotHandedOver as error:
            raise try_again(error) from error
        except Fenced:
            return await self._current_outcome(claim)
        if reference is not None:
            return await self._record(row, _done(claim, attempt, delivery, reference))
        return await self._declare_uncertain(row, "an earlier attempt was interrupted while it was handing over")

    async def _record(self, held: Claim | LedgerRow, outcome: Outcome) -> Outcome:
        self._checkpoint(Checkpoint.BEFORE_RECORD)
        try:
            before = await self._retry_write(lambda: ledger.record(self._store, held, outcome))
        except Fenced:
            return await self._current_outcome(held)
        self._checkpoint(Checkpoint.AFTER_RECORD)
        if before is LedgerState.UNCERTAIN and outcome.status == "done":
            await self._confirm(held.deal_id, held.effect_id)
        return outcome

    async def _release(self, claim: Claim, error: NotHandedOver) -> Outcome:
        try:
            state = await self._retry_write(lambda: ledger.release(self._store, claim, error.reason))
        except Fenced:
            return await self._current_outcome(claim)
        if state is LedgerState.WITHDRAWN:
            return _outcome(claim, "withdrawn", "it was no longer wanted")
        raise try_again(error) from error

    async def _declare_uncertain(self, held: Claim | LedgerRow, reason: str) -> Outcome:
        try:
            await self._retry_write(lambda: ledger.declare_uncertain(self._store, held, reason))
        except Fenced:
            return await self._current_outcome(held)
        return _outcome(held, "uncertain", reason)

    async def _current_outcome(self, held: Claim | LedgerRow) -> Outcome:
        """What another attempt, or a withdrawal, has made of the row meanwhile."""
        row = await ledger.row(self._store, held.effect_id)
        outcome = None if row is None else settled(row)
        if outcome is None:
            raise overtaken(held.effect_id)
        return outcome

    async def _retry_write(self, write: Callable[[], Awaitable[_T]]) -> _T:
        """Write down what is known of a call, again and again: forgetting it would make it uncertain."""
        deadline, pause = time.monotonic() + self._patience.total_seconds(), 0.1
        while True:
            try:
                return await write()
            except StoreAway:
                if time.monotonic() + pause > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)


def settled(row: LedgerRow) -> Outcome | None:
    """What became of an effect, if that is settled or nobody knows; None while an attempt may still tell."""
    match row.state:
        case LedgerState.RECORDED if row.result is not None:
            return row.result.model_copy(update={"journaled": True})
        case LedgerState.WITHDRAWN:
            return _outcome(row, "withdrawn", "it was no longer wanted")
        case LedgerState.UNCERTAIN:
            return _outcome(row, "uncertain", row.last_error)
        case _:
            return None


def last_checks(effect: Effect) -> LastChecks:
    """What may still forbid an effect, once the whole database can be asked."""
    if not isinstance(effect, SendEmail):
        return LastChecks(not_after=effect.not_after)
    return LastChecks(
        not_after=effect.not_after, mail_to=effect.to.email, marketing=effect.marketing, caps=effect.caps
    )  # fmt: skip


def _claim(request: EffectRequest, attempt: Attempt) -> Claim:
    effect = request.effect
    to = effect.to if isinstance(effect, SendEmail) else None
    return Claim(
        effect_id=effect.id,
        deal_id=request.deal_id,
        kind=effect.kind,
        token=uuid.uuid4().hex,
        at=attempt.at,
        contact=to.id if to else None,
        recipient=normal(to.email) if to and to.email else None,
    )


def _done(claim: Claim, attempt: Attempt, delivery: Delivery, reference: str | None) -> Outcome:
    known = {"at": attempt.at, "reference": reference, "conversation": delivery.conversation}
    return _outcome(claim, "done", None).model_copy(update=known)


def _outcome(held: Claim | LedgerRow, status: str, reason: str | None) -> Outcome:
    return Outcome(effect=held.effect_id, kind=held.kind, status=status, reason=reason, journaled=True)
