"""One run of a deal's workflow: what it has, what it carries on, and the few things that every phase does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from dealwright.decision import Carried, DealStart, Decision, Restored
    from dealwright.entries import Entry
    from dealwright.fold import fold
    from dealwright.identity import deal_id_of
    from dealwright.state import DealState
from workflows.decision_caller import DecisionCaller
from workflows.effect_runner import EffectRunner, as_planned
from workflows.inbox import Inbox
from workflows.phase import Phase
from workflows.timer import UpdatableTimer

_RECENT = 5
"""Entries that the deal's page shows."""


class Outlook(NamedTuple):
    """What the last decision says of the time to come."""

    wake_at: datetime | None
    wake_for: str
    next_term: bool = False
    """A natural end: the deal goes on as a new run."""


class DealRun:
    """A deal, as the workflow holds it from one recorded decision to the next."""

    def __init__(self, start: DealStart) -> None:
        if not workflow.info().continued_run_id:  # only a run of the deal itself hands anything on
            start = start.model_copy(update={"carried": None})
        carried = start.carried or Carried(state=DealState())
        self.start = start
        self.deal_id = deal_id_of(workflow.info().workflow_id)
        self.state = carried.state
        self.inbox = Inbox(carried)
        self.recent = list(carried.recent)
        self.entries: list[Entry] = []
        self.decisions = DecisionCaller(self.deal_id, carried.failures)
        self.effects = EffectRunner(self.deal_id, carried.unwritten)
        self.timer = UpdatableTimer()
        self.outlook = Outlook(carried.wake_at, carried.wake_for) if carried.decided else None
        self.phase = Phase.WAITING if carried.decided else Phase.DECIDING

    @property
    def ends_as_new(self) -> bool:
        """Whether the deal should go on as a new run, and what it would take along fits."""
        next_term = self.outlook is not None and self.outlook.next_term
        return (next_term or _history_is_long()) and not self.inbox.too_large_to_carry

    def note(self, entry: Entry) -> None:
        """Write an entry into the deal's story: the state and the journal follow from it."""
        numbered = fold(self.state, entry)
        self.effects.unwritten.append(numbered)
        self.entries.append(numbered)
        self.recent = [*self.recent, numbered][-_RECENT:]

    def note_as_planned(self) -> None:
        """Note what became of effects; what did not go as planned waits in the inbox for a decision."""
        for item in self.effects.take_outcomes():
            if (settled := as_planned(item)) is not None:
                self.note(settled)
            else:
                self.inbox.items.append(item)

    def wake_as_decided(self) -> None:
        """Set the timer to what the last decision said."""
        if self.outlook is not None:
            self.timer.set(self.outlook.wake_at, self.outlook.wake_for)

    def withdraw(self, effects: Iterable[str]) -> None:
        """Call effects off, if it is not too late."""
        pending = self.state.pending
        self.effects.withdraw({effect: pending[effect].does if effect in pending else "" for effect in effects})

    def restore(self, restored: Restored) -> None:
        """Go on from a finished deal's story; what this run noted before it knew that is no part of it."""
        self.state, self.recent, self.entries = restored.state, list(restored.recent), []
        self.effects.unwritten = []
        self.inbox.seen.also(restored.seen)

    def keep_outlook(self, decision: Decision) -> None:
        """Keep what a decision says of the time to come."""
        self.inbox.quiet = decision.quiet
        self.outlook = Outlook(decision.wake_at, decision.wake_for, decision.next_term)

    def carried(self) -> Carried:
        """What the next run goes on from. What is parked is decided there first."""
        outlook = self.outlook or Outlook(None, "")
        return Carried(
            state=self.state, inbox=tuple(self.inbox.items), verdicts=self.inbox.verdicts,
            contents=self.inbox.contents, seen=self.inbox.seen.by_day(), repeats=self.inbox.repeats,
            unwritten=tuple(self.effects.unwritten), recent=tuple(self.recent), quiet=self.inbox.quiet,
            failures=self.decisions.failures, wake_at=outlook.wake_at, wake_for=outlook.wake_for,
            decided=self.outlook is not None and self.phase is not Phase.PARKED,
        )  # fmt: skip


def _history_is_long() -> bool:
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()
