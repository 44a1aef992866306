"""``DealWorkflow``: one deal, from first research to its last contract year.

The shell around the rules. It acts only on recorded decisions: entries are folded, effects started, the timer set.
Nothing here knows a rule; nothing here reads a clock, a file or the environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from activities import contract
    from deals.decision import Attributes, Carried, DealStart, Decision, Received, Verdict
    from deals.entries import AttentionAsked, DealRefused, EffectSettled, Entry
    from deals.fold import fold
    from deals.identity import deal_id_of
    from deals.page import page_of
    from deals.reading import AgendaItem, Snapshot, agenda_of, snapshot_of
    from deals.seen import KEPT_FOR, SeenIds
    from deals.state import DealState
from workflows.attributes import upsert
from workflows.outgoing import Outgoing
from workflows.reception import Reception
from workflows.timer import OneTimer

MOST_AT_ONCE, MOST_BYTES_AT_ONCE = 200, 256 * 1024
"""Items of the inbox that are decided together, and characters of their payloads."""
PATIENCE = 3
"""Failures after which the inbox is decided item by item, and the item that fails alone is refused."""
_FIRST_PARKING, _LONGEST_PARKING = timedelta(seconds=10), timedelta(hours=1)
_RECENT = 5
_NOT_YET = Verdict(accepted=False, decided=False, text="Recorded, not yet decided. Ask again with the same id.")


@workflow.defn(name="DealWorkflow")
class DealWorkflow(Reception):
    """A sales deal: told facts by signals, given commands by updates, led by its playbook."""

    @workflow.init
    def __init__(self, raw: RawValue) -> None:
        self.start, self.unreadable = _read_start(raw)
        carried = self.start.carried or Carried(state=DealState())
        self.deal_id = deal_id_of(workflow.info().workflow_id)
        self.state = carried.state
        self.inbox = list(carried.inbox)
        self.verdicts = dict(carried.verdicts)
        self.seen = SeenIds(carried.seen)
        self.repeats = carried.repeats
        self.recent = list(carried.recent)
        self.story_so_far: list[Entry] = []
        self.quiet = carried.quiet
        self.failures = 0
        self.resting = self.leaving = self.first_look = self.next_term = False
        self.out = Outgoing(self.deal_id, carried.unwritten)
        self.timer = OneTimer()

    @workflow.run
    async def run(self, raw: RawValue) -> str:
        """Live. Returns how the deal ended, such as ``churned``."""
        del raw  # read when the workflow was made, before the first signal
        if self.unreadable:
            raise ApplicationError(self.unreadable, type="BadStart", non_retryable=True)
        await self._look()
        while not self.state.finished:
            await workflow.wait_condition(self._has_reason_to_look)
            await self._look()
            if not self.state.finished and (self.next_term or _history_is_long()) and not self.resting:
                await self._continue_as_new()
        return await self._end()

    # --- what arrives -------------------------------------------------------------------------------------

    def receive(self, received: Received) -> None:
        """Put a fact into the inbox, unless it is known already."""
        if received.id is not None and not self.seen.is_new(f"{received.name}:{received.id}", workflow.now()):
            self.repeats += 1
            return
        self.inbox.append(received)

    async def answer(self, received: Received) -> Verdict:
        """Put a command into the inbox, unless it is known already, and wait for its verdict."""
        id_ = received.id or ""
        if id_ not in self.verdicts and all(waiting.id != id_ for waiting in self.inbox):
            self.inbox.append(received)
        await workflow.wait_condition(lambda: id_ in self.verdicts or self.leaving or self.resting)
        return self.verdicts[id_][1] if id_ in self.verdicts else _NOT_YET

    # --- looking, deciding, acting --------------------------------------------------------------------------

    def _has_reason_to_look(self) -> bool:
        if self.timer.due:
            return True
        if self.resting:
            return False
        return bool(self.out.outcomes) or any(item.name not in self.quiet for item in self.inbox)

    async def _look(self) -> None:
        """Fold in what went as planned, and decide on the rest and the time."""
        if self.out.outcomes:
            self._note_as_planned()
            self._show()
        woken = self.timer.due or not self.first_look or self.state.finished
        if not woken and all(item.name in self.quiet for item in self.inbox):
            return
        batch = self._batch()
        request = contract.DecideRequest(
            deal_id=self.deal_id,
            start=None if self.state.deal else self.start,
            state=self.state,
            inbox=batch,
            now=workflow.now(),
        )
        try:
            decision = await workflow.execute_local_activity(
                contract.DECIDE,
                request,
                result_type=Decision,
                summary=_about(batch),
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except FailureError as error:
            self._rest(error, batch)
            return
        self.first_look = True
        del self.inbox[: len(batch)]
        self._carry_out(decision)

    def _batch(self) -> tuple[Received, ...]:
        """What is decided together: a bounded number of items, and of bytes, so that the decision fits a payload."""
        most, room = 1 if self.failures >= PATIENCE else MOST_AT_ONCE, MOST_BYTES_AT_ONCE
        batch: list[Received] = []
        for item in self.inbox[:most]:
            room -= len(item.payload)
            if batch and room < 0:
                break
            batch.append(item)
        return tuple(batch)

    def _note_as_planned(self) -> None:
        outcomes, self.out.outcomes = self.out.outcomes, []
        for item in outcomes:
            outcome, effect = item.outcome, item.effect
            as_planned = outcome and outcome.status == "done" and effect and not effect.needs_decision
            if not (outcome and as_planned):
                self.inbox.append(item)
                continue
            label = effect.summary if effect else ""
            self._note(
                EffectSettled(
                    at=item.at, effect=outcome.effect, does=outcome.kind, status="done", reason=outcome.reason,
                    reference=outcome.reference, label=label,
                )
            )  # fmt: skip

    def _carry_out(self, decision: Decision) -> None:
        for entry in decision.entries:
            self._note(entry)
        for id_, verdict in decision.verdicts.items():
            self.verdicts[id_] = (workflow.now(), verdict)
        forgotten = workflow.now() - KEPT_FOR
        self.verdicts = {id_: given for id_, given in self.verdicts.items() if given[0] > forgotten}
        upsert(decision.attributes, clear_attention=self.resting and not self.state.attention)
        self.failures, self.resting, self.quiet, self.next_term = 0, False, decision.quiet, decision.next_term
        self.out.start(decision.effects)
        self.out.withdraw(decision.withdraw)
        self.timer.set(decision.wake_at, decision.wake_for)
        self.out.write_journal(now=decision.report_now or _sleeps_long(decision))
        self._show()

    def _rest(self, error: FailureError, batch: Sequence[Received]) -> None:
        """Park after a failed decision; what came in is kept. An item that fails alone is refused in the end."""
        store_away = isinstance(error, ApplicationError) and error.type == contract.STORE_AWAY
        if not store_away:
            self.failures += 1
            if self.failures > PATIENCE and batch:
                self.inbox[0] = batch[0].model_copy(update={"broken": f"decide failed on it: {error}"[:500]})
        if not self.resting:
            upsert(Attributes(NeedsAttention=True))
        self.resting = True
        delay = min(_FIRST_PARKING * 2 ** min(self.failures, 10), _LONGEST_PARKING)
        at = workflow.now() + delay
        self.timer.set(at, f"Parked: {error}"[:200])
        self._note_parked(str(error))

    def _note_parked(self, error: str) -> None:
        if "parked" not in self.state.attention:
            self._note(
                AttentionAsked(at=workflow.now(), point="parked", text=f"The deal cannot be decided: {error}"[:500])
            )
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
        workflow.continue_as_new(args=[self.start.model_copy(update={"carried": self._carried()})])

    async def _drain(self) -> None:
        await workflow.wait_condition(lambda: self.out.idle)
        self._note_as_planned()
        self.leaving = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _carried(self) -> Carried:
        return Carried(
            state=self.state, inbox=tuple(self.inbox), verdicts=self.verdicts, seen=self.seen.by_day(),
            repeats=self.repeats, unwritten=tuple(self.out.unwritten), recent=tuple(self.recent), quiet=self.quiet,
        )  # fmt: skip

    async def _end(self) -> str:
        self.timer.set(None, "")
        await self._drain()
        while self.inbox and not self.resting:
            await self._look()
            await self._drain()
        while self.out.unwritten:
            self.out.write_journal(now=True)
            await workflow.wait_condition(lambda: self.out.idle)
        if isinstance(self.recent[-1], DealRefused):
            raise ApplicationError(self.recent[-1].error, type="DealRefused", non_retryable=True)
        return self.state.outcome or ""

    # --- what people ask ------------------------------------------------------------------------------------

    @workflow.query(description="Where the deal stands.")
    def snapshot(self) -> Snapshot:
        """The public read model."""
        return snapshot_of(self.state, repeats=self.repeats)

    @workflow.query(description="The verdict of a command, by its update id; null while there is none.")
    def verdict(self, update_id: str) -> Verdict | None:
        """The verdict of a command."""
        return self.verdicts[update_id][1] if update_id in self.verdicts else None

    @workflow.query(description="What happens next, when, and why.")
    def agenda(self) -> list[AgendaItem]:
        """What happens next."""
        return list(agenda_of(self.state))

    @workflow.query(description="The entries of this run.")
    def story(self) -> list[Entry]:
        """The entries of this run."""
        return self.story_so_far


def _read_start(raw: RawValue) -> tuple[DealStart, str]:
    try:
        return DealStart.model_validate_json(raw.payload.data), ""
    except ValidationError as error:
        return DealStart(), f"The start input is no {{deal, playbook}}: {error.errors()[0]['msg']}"


def _about(batch: Sequence[Received]) -> str:
    names = list(dict.fromkeys(item.name for item in batch))
    return f"On {', '.join(names[:4])}{' …' if len(names) > 4 else ''}" if names else "On the time"  # noqa: PLR2004 - fits the line


def _sleeps_long(decision: Decision) -> bool:
    lag, wake_at = decision.journal_lag, decision.wake_at
    return lag is not None and wake_at is not None and wake_at - workflow.now() > lag


def _history_is_long() -> bool:
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()
