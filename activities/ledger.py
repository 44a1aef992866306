"""Effects by way of the ledger: each is handed over at most once, with the journal entries that it carries.

What is done with one row stands in ``activities.once_only``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from activities.attempt import Attempt
from activities.once_only import Checkpoint, Confirm, OnceOnly, Patience, Prepare, outcome_of, settled, wall_clock
from dealwright.contract import EffectRequest, JournalRequest, WithdrawRequest
from dealwright.effects import ChooseOwner, CreateTask, Effect, EnrolContact, Message, Outcome, SendSms
from integrations.kit.errors import store_errors_for_temporal
from store import journal, ledger
from store.assignments import Choice
from store.database import Store
from store.ledger import Claim
from store.reaching import Reach
from store.reservations import LastChecks


class Ledger:
    """The once-only protocol for effects.

    ``checkpoint`` is called at each of the named points; tests kill there. ``clock`` is the wall clock.
    """

    def __init__(
        self,
        store: Store,
        confirm: Confirm,
        *,
        checkpoint: Callable[[Checkpoint], None] = lambda _: None,
        patience: Patience | None = None,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._store = store
        self._once = OnceOnly(
            store=store, confirm=confirm, checkpoint=checkpoint, patience=patience or Patience(), clock=clock
        )

    async def hand_over(self, request: EffectRequest, attempt: Attempt, prepare: Prepare) -> Outcome:
        """Hand an effect over once, and return what became of it.

        Raises:
            ApplicationError: the attempt may be repeated, or the database is away, or (final) an id stands for two
                things.
        """
        with store_errors_for_temporal():
            claim = _claim(request, attempt)
            async with self._store.writing() as connection:
                await journal.write(self._store, connection, request.deal_id, request.entries, attempt.run)
                row = await ledger.claim(self._store, connection, claim)
            return await self._once.hand_over(
                claim, row, attempt, prepare, last_checks(request.deal_id, request.effect)
            )

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
        return [settled(row) or outcome_of(row, "not_done", "it is being handed over at this moment") for row in rows]


def last_checks(deal_id: str, effect: Effect) -> LastChecks:
    """What may still forbid an effect, once the whole database can be asked."""
    if isinstance(effect, ChooseOwner):
        return LastChecks(not_after=effect.not_after, choice=Choice(deal_id, effect))
    if isinstance(effect, CreateTask):
        return LastChecks(not_after=effect.not_after, reach=Reach.of(effect), caps=effect.caps)
    if isinstance(effect, EnrolContact):
        return LastChecks(not_after=effect.not_after, mail_to=effect.address, caps=effect.caps)
    if not isinstance(effect, Message):
        return LastChecks(not_after=effect.not_after)
    return LastChecks(
        not_after=effect.not_after, mail_to=effect.address, marketing=effect.marketing, caps=effect.caps,
        reach=Reach.of(effect) if isinstance(effect, SendSms) else None,
    )  # fmt: skip


def _claim(request: EffectRequest, attempt: Attempt) -> Claim:
    effect = request.effect
    message = effect if isinstance(effect, Message | EnrolContact) else None
    return Claim(
        effect_id=effect.id,
        deal_id=request.deal_id,
        kind=effect.kind,
        token=uuid.uuid4().hex,
        at=attempt.at,
        contact=message.to.id if message else None,
        recipient=message.address if message else None,
    )
