"""``DealWorkflow``: one deal, from first research to its last contract year.

The shell around the rules. It acts only on recorded decisions: entries are folded, effects started, the timer set.
Nothing here knows a rule; nothing here reads a clock, a file or the environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic_core import to_json

    from dealwright.closing import called_off, left_over, undecided
    from dealwright.decision import Attributes, Carried, Decision, Received, Restored, Verdict
    from dealwright.entries import AttentionAsked, AttentionSettled, DealClosed, DealRefused, Entry
    from dealwright.fold import fold
    from dealwright.identity import deal_id_of
    from dealwright.state import DealState
    from dealwright.views.details_markdown import page_of
from workflows.attributes import upsert
from workflows.decision_caller import Deciding
from workflows.effect_runner import Outgoing, as_planned
from workflows.inbox import MOST_CARRIED, Inbox
from workflows.message_handlers import Reception, read_start, taking_one
from workflows.queries import Answering
from workflows.timer import OneTimer

_FIRST_PARKING, _LONGEST_PARKING = timedelta(seconds=10), timedelta(hours=1)
_PARKED = "parked"
_RECENT = 5
_NOT_YET = Verdict(accepted=False, decided=False, text="Recorded, not yet decided. Ask again with the same id.")


@workflow.defn(name="DealWorkflow")
class DealWorkflow(Reception, Answering):
    """A sales deal: told facts by signals, given commands by updates, led by its playbook."""

    @workflow.init
    @taking_one
    def __init__(self, *raws: RawValue) -> None:
        self.start, self.unreadable = read_start(raws)
        if not workflow.info().continued_run_id:  # only a run of the deal itself hands anything on
            self.start = self.start.model_copy(update={"carried": None})
        carried = self.start.carried or Carried(state=DealState())
        self.deal_id = deal_id_of(workflow.info().workflow_id)
        self.state = carried.state
        self.inbox = Inbox(carried)
        self.recent = list(carried.recent)
        self.story_so_far: list[Entry] = []
        self.deciding, self.parkings = Deciding(self.deal_id, carried.failures), 0
        self.resting = self.leaving = self.held_back = self.next_term = False
        self.out, self.timer = Outgoing(self.deal_id, carried.unwritten), OneTimer()
        self.decided, self.wakes = carried.decided, (carried.wake_at, carried.wake_for)

    @workflow.run
    @taking_one
    async def run(self, *raws: RawValue) -> str:
        """Live. Returns how the deal ended, such as ``churned``."""
        del raws  # read when the workflow was made, before the first signal
        if self.unreadable:
            raise ApplicationError(self.unreadable, type="BadStart", non_retryable=True)
        try:
            return await self._live()
        except asyncio.CancelledError:
            if workflow.cancellation_reason() is not None:  # else the worker only forgets the deal
                await self._wind_up()
            raise

    async def _live(self) -> str:
        if self.decided:
            self.timer.set(*self.wakes)
            self._show()
        else:
            if self.start.after_the_end and not self.start.carried:
                await self._news_or(_FIRST_PARKING, "Waiting for what has come for a finished deal")
            await self._look()
        while True:
            while not self._is_over():
                await workflow.wait_condition(lambda: self._has_reason_to_look() or self._has_reason_to_move_on())
                await self._look()
                if not self._is_over() and self._has_reason_to_move_on():
                    await self._continue_as_new()
            outcome = await self._end()
            if self._is_over():
                return outcome
            self.leaving = False  # it was reopened

    def _is_over(self) -> bool:
        return self.state.finished

    # --- what arrives -------------------------------------------------------------------------------------

    def receive(self, received: Received) -> None:
        """Put a fact into the inbox, unless it is known already."""
        self.inbox.take_fact(received, workflow.now())

    async def answer(self, received: Received) -> Verdict:
        """Put a command into the inbox, unless it is known already, and wait for its verdict."""
        self.inbox.take_command(received)
        await workflow.wait_condition(lambda: bool(self.inbox.verdict(received.id)) or self.leaving or self.resting)
        return self.inbox.verdict(received.id) or _NOT_YET

    # --- looking, deciding, acting --------------------------------------------------------------------------

    def _has_reason_to_look(self) -> bool:
        if self.timer.due:
            return True
        return not self.resting and (bool(self.out.outcomes) or self.inbox.presses)

    def _has_reason_to_move_on(self) -> bool:
        return (self.next_term or _history_is_long()) and not self.held_back

    async def _look(self) -> None:
        """Fold in what went as planned, and decide on the rest and the time."""
        if self.out.outcomes:
            self._note_as_planned()
            self._show()
        due = self.timer.due or not self.decided or self.state.finished
        if not due and (self.resting or not self.inbox.presses):
            return
        batch = self.inbox.batch(alone=self.deciding.doubtful)
        decision = await self.deciding.on(batch, self.state, self.start)
        if decision is None:
            self._rest()
            return
        self.inbox.settle(decision.took or len(batch), decision.verdicts, workflow.now())
        self._carry_out(decision)

    def _note_as_planned(self) -> None:
        outcomes, self.out.outcomes = self.out.outcomes, []
        for item in outcomes:
            if (settled := as_planned(item)) is not None:
                self._note(settled)
            else:
                self.inbox.items.append(item)

    def _carry_out(self, decision: Decision) -> None:
        if decision.restored is not None:
            self._restore(decision.restored)
        if parked := _PARKED in self.state.attention:
            self._note(AttentionSettled(at=workflow.now(), point=_PARKED, why="it can be decided again"))
        for entry in decision.entries:
            self._note(entry)
        upsert(decision.attributes, clear_attention=parked and not self.state.attention)
        self.deciding.trust_again(still_waiting=bool(self.inbox.items))
        self.parkings, self.resting, self.held_back = 0, False, False
        self.inbox.quiet, self.next_term = decision.quiet, decision.next_term
        self.out.start(decision.effects)
        self.out.withdraw(self._kinds_of(decision.withdraw))
        self.decided, self.wakes = True, (decision.wake_at, decision.wake_for)
        if not self._has_reason_to_move_on():
            self.timer.set(*self.wakes)
        self.out.write_journal(now=decision.must_report(workflow.now()))
        self._show()

    def _restore(self, restored: Restored) -> None:
        """Go on from a finished deal's story; what this run noted before it knew that is no part of it."""
        self.state, self.recent, self.story_so_far = restored.state, list(restored.recent), []
        self.out.unwritten = []
        self.inbox.seen.also(restored.seen)

    def _kinds_of(self, effects: Iterable[str]) -> dict[str, str]:
        pending = self.state.pending
        return {effect: pending[effect].does if effect in pending else "" for effect in effects}

    def _rest(self) -> None:
        """Park after a failed decision, for longer each time; what came in is kept."""
        if not self.resting:
            upsert(Attributes(NeedsAttention=True))
        delay = min(_FIRST_PARKING * 2 ** min(self.parkings, 10), _LONGEST_PARKING)
        self.resting, self.parkings = True, self.parkings + 1
        self.timer.set(workflow.now() + delay, f"Parked. {self.deciding.trouble}"[:200])
        if _PARKED not in self.state.attention:
            self._note(AttentionAsked(at=workflow.now(), point=_PARKED, text=self.deciding.trouble))
        self._show()

    def _note(self, entry: Entry) -> None:
        numbered = fold(self.state, entry)
        self.out.unwritten.append(numbered)
        self.story_so_far.append(numbered)
        self.recent = [*self.recent, numbered][-_RECENT:]

    def _show(self) -> None:
        workflow.set_current_details(page_of(self.state, self.recent))

    # --- the ends -------------------------------------------------------------------------------------------

    async def _continue_as_new(self) -> None:
        await self._drain()
        start = self.start.model_copy(update={"carried": self._carried()})
        if len(to_json(start, exclude_none=True)) <= MOST_CARRIED:
            workflow.continue_as_new(args=[start])
        # So much came in that it does not fit: it is decided in this run first.
        self.leaving, self.held_back = False, True
        if not self.resting:
            self.timer.set(*self.wakes)

    async def _drain(self) -> None:
        await workflow.wait_condition(lambda: self.out.idle)
        self._note_as_planned()
        self.leaving = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _carried(self) -> Carried:
        return Carried(
            state=self.state, inbox=tuple(self.inbox.items), verdicts=self.inbox.verdicts,
            contents=self.inbox.contents, seen=self.inbox.seen.by_day(), repeats=self.inbox.repeats,
            unwritten=tuple(self.out.unwritten),
            recent=tuple(self.recent), quiet=self.inbox.quiet, failures=self.deciding.failures,
            decided=self.decided and not self.resting, wake_at=self.wakes[0], wake_for=self.wakes[1],
        )  # fmt: skip

    async def _end(self, *, patient: bool = True) -> str:
        """Decide all that came in, hand over what is left over, write the journal: then nothing may come between."""
        self.timer.set(None, "")
        self.resting = False  # a deal that was parked tries once more
        while True:
            await self._drain()
            if patient and not self._is_over():
                return ""
            if self.inbox.items and (self.state.deal or not patient):
                await self._empty_inbox(patient=patient)
            elif late := left_over(self.state, workflow.now()):
                if (wait := late[0] - workflow.now()) > timedelta():
                    await self._news_or(wait, "Waiting to hand over once more")
                else:
                    self.out.start(late[1])
            elif self.out.unwritten:
                self.out.write_journal(now=True)
                await self._drain()
                if self.out.unwritten:
                    await self._news_or(_LONGEST_PARKING, "Waiting to write the journal once more")
            else:
                break
        if isinstance(self.recent[-1], DealRefused):
            raise ApplicationError(self.recent[-1].error, type="DealRefused", non_retryable=True)
        return self.state.outcome or ""

    async def _empty_inbox(self, *, patient: bool) -> None:
        """Decide what is in it, however long that takes; or keep undecided what cannot be decided at once."""
        if not patient and (self.resting or not self.state.deal):
            for entry in undecided(self.inbox.take_all(), workflow.now()):
                self._note(entry)
            return
        if self.resting:
            await workflow.wait_condition(lambda: self.timer.due)
        await self._look()

    async def _news_or(self, patience: timedelta, summary: str) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: bool(self.inbox.items), timeout=patience, timeout_summary=summary)

    async def _wind_up(self) -> None:
        """End a deal that was cancelled in Temporal: what is on its way is called off, and the journal says so."""
        if not self.state.finished:
            self._note(DealClosed(at=workflow.now(), outcome="cancelled", reason="Cancelled in Temporal"))
            upsert(Attributes(DealOutcome="cancelled"))
            self._show()
        unwanted = [effect for effect, pending in self.state.pending.items() if not pending.uncertain]
        for entry in called_off(self.state, workflow.now()):
            self._note(entry)
        self.out.withdraw(self._kinds_of(unwanted))
        await self._end(patient=False)
        upsert(Attributes(NeedsAttention=False))


def _history_is_long() -> bool:
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()
