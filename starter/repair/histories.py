"""Reads a deal's histories: what it wrote into the journal, and what became of each effect.

Journal lines and effects leave a deal only by activities, and these stand in its histories with all they carried. So
they tell what the store should hold, and no worker is needed to read them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from dealwright.contract import WITHDRAW, WRITE_JOURNAL, EffectRequest, JournalRequest, WithdrawRequest
from dealwright.decision import DealStart
from dealwright.effects import Effect, Outcome
from dealwright.entries import Entry
from dealwright.identity import DEAL_ID, WORKFLOW_TYPE, deal_id_of, workflow_id

SETTLED = frozenset({"done", "skipped", "failed", "withdrawn", "uncertain"})
"""Outcomes after which an effect is not started again."""
_NOT_HANDED_OVER = "NotHandedOver"
"""The type of the failure of an attempt that handed nothing over."""
_Request: TypeAlias = EffectRequest | JournalRequest | WithdrawRequest
_SHAPES: Mapping[str, type[_Request]] = MappingProxyType({WRITE_JOURNAL: JournalRequest, WITHDRAW: WithdrawRequest})
_T = TypeVar("_T")


@dataclass
class KnownEffect:
    """An effect that a deal has started."""

    effect: Effect
    outcome: Outcome | None = None
    """The last that the deal heard of it; None while it has heard nothing."""
    at_risk: datetime | None = None
    """When an attempt last began that may have handed it over without the deal hearing so (wall clock)."""

    @property
    def settled(self) -> Outcome | None:
        """What became of it, for good."""
        return self.outcome if self.outcome is not None and self.outcome.status in SETTLED else None


@dataclass
class KnownDeal:
    """What Temporal knows of one deal."""

    deal_id: str
    last: int = 0
    """The number of the newest entry that it may have written."""
    entries: dict[int, Entry] = field(default_factory=dict)
    """Entries on their way into the journal, or there, by number."""
    written: dict[int, str] = field(default_factory=dict)
    """The numbers of those that the deal believes to be there, with the run that wrote them."""
    effects: dict[str, KnownEffect] = field(default_factory=dict)
    withdrawn: dict[str, Outcome] = field(default_factory=dict)
    """What was called off without ever having been started, by effect."""


async def deals_in(client: Client) -> list[str]:
    """The ids of all deals that Temporal knows, open and closed."""
    query = f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'"
    found = {deal_id_of(run.id) async for run in client.list_workflows(query)}
    return sorted(deal_id for deal_id in found if DEAL_ID.fullmatch(deal_id))


async def read_deal(client: Client, deal_id: str) -> KnownDeal:
    """Read the histories of a deal's runs, from the first that Temporal still has."""
    handle = client.get_workflow_handle(workflow_id(deal_id))
    present = await handle.describe()
    runs, run = [], present.run_id
    while run:
        events = [event async for event in _events(client, deal_id, run)]
        if not events:
            break
        runs.append((run, events))
        run = events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    known = KnownDeal(deal_id)
    for run, events in reversed(runs):
        reader = _Reader(client, known, run)
        for event in events:
            await reader.read(event)
        if run == present.run_id:
            reader.look_at_pending(present)
    return known


async def _events(client: Client, deal_id: str, run: str) -> AsyncIterator[HistoryEvent]:
    try:
        async for event in client.get_workflow_handle(workflow_id(deal_id), run_id=run).fetch_history_events():
            yield event
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # an older run, past the namespace's retention
            raise


class _Reader:
    """Reads one run's events into what is known."""

    def __init__(self, client: Client, known: KnownDeal, run: str) -> None:
        self._client, self._known, self._run = client, known, run
        self._requests: dict[int, _Request] = {}
        self._ids: dict[str, int] = {}

    async def read(self, event: HistoryEvent) -> None:
        match event.WhichOneof("attributes"):
            case "workflow_execution_started_event_attributes":
                await self._begin(event)
            case "activity_task_scheduled_event_attributes":
                await self._schedule(event)
            case "activity_task_completed_event_attributes":
                done = event.activity_task_completed_event_attributes
                await self._complete(done.scheduled_event_id, done.result)
            case "activity_task_failed_event_attributes":
                self._fail(event.activity_task_failed_event_attributes.scheduled_event_id, event)
            case "activity_task_timed_out_event_attributes":
                self._fail(event.activity_task_timed_out_event_attributes.scheduled_event_id, event)

    def look_at_pending(self, present: WorkflowExecutionDescription) -> None:
        """What goes on at this moment, which leaves no event before it ends."""
        for pending in present.raw_description.pending_activities:
            request = self._requests.get(self._ids.get(pending.activity_id, 0))
            waits = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
            never_begun = waits and pending.attempt <= 1
            if (
                not isinstance(request, EffectRequest)
                or never_begun
                or (waits and _not_handed_over(pending.last_failure))
            ):
                continue
            # Between two attempts Temporal no longer says when the last one began, but when the next one is due.
            known = pending.last_started_time if pending.HasField("last_started_time") else pending.scheduled_time
            self._known.effects[request.effect.id].at_risk = known.ToDatetime(UTC)

    async def _begin(self, event: HistoryEvent) -> None:
        try:
            start = await self._decoded(event.workflow_execution_started_event_attributes.input, DealStart)
        except ValueError:
            return  # no deal could be opened with this
        if start is None or start.carried is None:
            return
        self._known.last = max(self._known.last, start.carried.state.entries)
        self._note_entries(start.carried.unwritten)

    async def _schedule(self, event: HistoryEvent) -> None:
        scheduled = event.activity_task_scheduled_event_attributes
        name = scheduled.activity_type.name
        shape: type[_Request] = _SHAPES.get(name, EffectRequest)
        request = await self._decoded(scheduled.input, shape)
        if request is None:
            return
        self._requests[event.event_id], self._ids[scheduled.activity_id] = request, event.event_id
        if isinstance(request, EffectRequest):
            known = self._known.effects.setdefault(request.effect.id, KnownEffect(request.effect))
            known.effect, known.outcome = request.effect, known.settled
        self._note_entries(request.entries)

    async def _complete(self, scheduled: int, result: Payloads) -> None:
        match self._requests.get(scheduled):
            case EffectRequest() as request:
                outcome = await self._decoded(result, Outcome)
                if outcome is not None:
                    self._known.effects[request.effect.id].outcome = outcome
                    if outcome.journaled:
                        self._note_written(request.entries)
            case JournalRequest() as request:
                self._note_written(request.entries)
            case WithdrawRequest() as request:
                self._note_written(request.entries)
                outcomes: list[object] = await self._client.data_converter.decode(result.payloads, [list[Outcome]])
                self._note_withdrawn(outcomes[0])

    def _note_withdrawn(self, outcomes: object) -> None:
        for outcome in outcomes if isinstance(outcomes, list) else ():
            if isinstance(outcome, Outcome) and outcome.status == "withdrawn":
                if (known := self._known.effects.get(outcome.effect)) is not None:
                    known.outcome = outcome
                else:
                    self._known.withdrawn[outcome.effect] = outcome

    def _fail(self, scheduled: int, event: HistoryEvent) -> None:
        request = self._requests.get(scheduled)
        failure = event.activity_task_failed_event_attributes.failure
        if isinstance(request, EffectRequest) and not _not_handed_over(failure):
            self._known.effects[request.effect.id].at_risk = event.event_time.ToDatetime(UTC)

    def _note_entries(self, entries: tuple[Entry, ...]) -> None:
        for entry in entries:
            if entry.number is not None:
                self._known.entries[entry.number] = entry
                self._known.last = max(self._known.last, entry.number)

    def _note_written(self, entries: tuple[Entry, ...]) -> None:
        self._known.written.update({entry.number: self._run for entry in entries if entry.number is not None})

    async def _decoded(self, payloads: Payloads, shape: type[_T]) -> _T | None:
        if not payloads.payloads:
            return None
        decoded = (await self._client.data_converter.decode(payloads.payloads, [shape]))[0]
        return decoded if isinstance(decoded, shape) else None


def _not_handed_over(failure: Failure) -> bool:
    return failure.application_failure_info.type == _NOT_HANDED_OVER
