"""What a deal sends out: effects as activities, and its journal, which rides along with them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, FailureError
from temporalio.exceptions import TimeoutError as TimedOut

with workflow.unsafe.imports_passed_through():
    from pydantic_core import to_json

    from dealwright import contract
    from dealwright.decision import Received
    from dealwright.effects import Effect, Outcome
    from dealwright.entries import EffectSettled, Entry

BLOCK = timedelta(minutes=5)
"""How long attempts go on before the deal looks again whether the effect is still wanted."""
_ATTEMPT = timedelta(seconds=30)
_SIGN_OF_LIFE = timedelta(seconds=10)
"""A worker that gives none for this long is taken for dead, and another one makes the next attempt."""
_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
_UNTIL_WRITTEN = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=10))
_MOST_UNWRITTEN, _MOST_BYTES_ALONG = 200, 512 * 1024
"""Entries that wait for the journal, and bytes of them that travel together: beside a large effect, too, they fit."""


class EffectRunner:
    """Effects under way, their outcomes, and the entries that are not in the journal yet."""

    def __init__(self, deal_id: str, unwritten: Sequence[Entry]) -> None:
        self._deal_id = deal_id
        self._under_way: set[asyncio.Task[None]] = set()
        self.unwritten = list(unwritten)
        self.outcomes: list[Received] = []
        self._sizes: dict[int | None, int] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    def start(self, effects: Sequence[Effect]) -> None:
        """Start effects; the first one takes along the entries that wait for the journal."""
        for effect in effects:
            self._run(self._hand_over(effect, self._load()))

    def withdraw(self, effects: Mapping[str, str]) -> None:
        """Call effects (ids with their kinds) off, if it is not too late; each one's own activity then tells."""
        if effects:
            self._run(self._withdraw(dict(effects), self._load()))

    def take_outcomes(self) -> list[Received]:
        """What came of effects since this was asked last."""
        outcomes, self.outcomes = self.outcomes, []
        return outcomes

    def write_journal(self, *, now: bool) -> None:
        """Write the waiting entries: at once, or when many or large ones wait."""
        pieces = self._pieces()
        if pieces and (now or len(self.unwritten) >= _MOST_UNWRITTEN or len(pieces) > 1):
            self.unwritten, self._sizes = [], {}
            self._run(self._write(pieces))

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _load(self) -> tuple[Entry, ...]:
        entries = next(iter(self._pieces()), ())
        self.unwritten = self.unwritten[len(entries) :]
        for entry in entries:
            del self._sizes[entry.number]
        return entries

    def _pieces(self) -> list[tuple[Entry, ...]]:
        """What waits for the journal, in its order, in pieces that travel together."""
        pieces, begin, size = list[tuple[Entry, ...]](), 0, 0
        for place, entry in enumerate(self.unwritten):
            size += (own := self._bytes(entry))
            if place > begin and size > _MOST_BYTES_ALONG:
                pieces.append(tuple(self.unwritten[begin:place]))
                begin, size = place, own
        return [*pieces, tuple(self.unwritten[begin:])] if self.unwritten else []

    def _bytes(self, entry: Entry) -> int:
        if entry.number not in self._sizes:  # measured once, though it waits through many decisions
            self._sizes[entry.number] = len(to_json(entry, exclude_none=True))
        return self._sizes[entry.number]

    def _unload(self, entries: tuple[Entry, ...]) -> None:
        self.unwritten = [*entries, *self.unwritten]

    async def _hand_over(self, effect: Effect, entries: tuple[Entry, ...]) -> None:
        request = contract.EffectRequest(deal_id=self._deal_id, effect=effect, entries=entries)
        try:
            outcome = await self._block(request)
        except ActivityError as error:
            if _timed_out(error):
                # The last attempt's worker died, perhaps in the middle of the call: another block asks the ledger.
                outcome = await self._block_or_not_done(request)
            else:
                outcome = _not_done(effect, error)
        if not outcome.journaled:
            self._unload(entries)
        self.outcomes.append(
            Received(kind="outcome", name=effect.kind, at=workflow.now(), outcome=outcome, effect=effect)
        )

    async def _block(self, request: contract.EffectRequest) -> Outcome:
        outcome: Outcome = await workflow.execute_activity(
            request.effect.kind,
            request,
            result_type=Outcome,
            summary=request.effect.summary,
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=BLOCK,
            heartbeat_timeout=_SIGN_OF_LIFE,
            retry_policy=_RETRIES,
        )
        return outcome

    async def _block_or_not_done(self, request: contract.EffectRequest) -> Outcome:
        try:
            return await self._block(request)
        except ActivityError as error:
            return _not_done(request.effect, error)

    async def _withdraw(self, effects: dict[str, str], entries: tuple[Entry, ...]) -> None:
        request = contract.WithdrawRequest(
            deal_id=self._deal_id, effects=tuple(effects), kinds=effects, at=workflow.now(), entries=entries
        )
        await self._insist(contract.WITHDRAW, request, f"Call off {len(effects)} effects", entries)

    async def _write(self, pieces: Sequence[tuple[Entry, ...]]) -> None:
        for entries in pieces:
            request = contract.JournalRequest(deal_id=self._deal_id, entries=entries)
            await self._insist(contract.WRITE_JOURNAL, request, f"Write {len(entries)} journal entries", entries)

    async def _insist(self, name: str, request: object, summary: str, entries: tuple[Entry, ...]) -> None:
        """Try until it is done: nothing else says so. It ends without only by an alarm, which no retry mends."""
        try:
            await workflow.execute_activity(
                name,
                request,
                summary=summary,
                start_to_close_timeout=_ATTEMPT,
                heartbeat_timeout=_SIGN_OF_LIFE,
                retry_policy=_UNTIL_WRITTEN,
            )
        except FailureError:
            self._unload(entries)


def as_planned(received: Received) -> EffectSettled | None:
    """What is written down of an outcome that nothing need be decided on; None when something must."""
    outcome, effect = received.outcome, received.effect
    if outcome is None or effect is None or outcome.status != "done" or effect.needs_decision:
        return None
    return received.settled()


def _not_done(effect: Effect, error: ActivityError) -> Outcome:
    return Outcome(effect=effect.id, kind=effect.kind, status="not_done", reason=str(_cause(error))[:500])


def _timed_out(error: ActivityError) -> bool:
    """Whether the last attempt did; Temporal then names the failure of the one before as the cause."""
    return isinstance(error.cause, TimedOut)


def _cause(error: ActivityError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, FailureError) and cause.cause is not None:
        cause = cause.cause
    return cause
