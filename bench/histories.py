"""What stands in the histories of a life: what it was told, what was decided, and what Temporal bills for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType as Kind
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from bench.life import Message, PlanStep
from dealwright.decision import Decision

_OF_FAST_FORWARDING = {
    Kind.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    Kind.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
}
_BILLED_ONCE = {
    Kind.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signal",
    Kind.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "update",
    Kind.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "continue as new",
    Kind.EVENT_TYPE_TIMER_STARTED: "timer",
    Kind.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "upsert",
}
_CAUSES: dict[int, Cause] = {
    Kind.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "told",
    Kind.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "told",
    Kind.EVENT_TYPE_TIMER_FIRED: "time",
    Kind.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "outcome",
}
_EARLY = timedelta(seconds=1)

Cause = Literal["start", "told", "time", "outcome"]


class RecordedDecision(BaseModel):
    """One decision in a recorded life, and what led to it."""

    model_config = ConfigDict(frozen=True)

    cause: Cause
    at: datetime
    heard: int
    """Facts and commands that had come by then."""
    decision: Decision


async def histories_of(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """The histories of all runs of a workflow, the oldest first."""
    found: list[WorkflowHistory] = []
    described = await client.get_workflow_handle(workflow_id).describe()
    run_id = described.raw_description.workflow_execution_info.first_run_id
    while run_id:
        found.append(await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history())
        ending = found[-1].events[-1]
        run_id = ending.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found


def events_of(history: WorkflowHistory) -> list[HistoryEvent]:
    """A run's events without those which fast-forwarding adds."""
    return [event for event in history.events if event.event_type not in _OF_FAST_FORWARDING]


def events_by_kind(histories: Sequence[WorkflowHistory]) -> Counter[str]:
    """How many events of each kind a life left."""
    names = (Kind.Name(event.event_type) for history in histories for event in events_of(history))
    return Counter(name.removeprefix("EVENT_TYPE_").lower() for name in names)


def actions_by_kind(histories: Sequence[WorkflowHistory]) -> Counter[str]:
    """What Temporal Cloud bills for: an activity 1 for each attempt, all local ones of a workflow task 1 together."""
    billed = Counter({"start": 1})
    for history in histories:
        events = events_of(history)
        billed.update(_BILLED_ONCE[event.event_type] for event in events if event.event_type in _BILLED_ONCE)
        billed["activity attempt"] += sum(event.activity_task_started_event_attributes.attempt for event in events)
        markers = (event.marker_recorded_event_attributes for event in events)
        tasks = {marker.workflow_task_completed_event_id for marker in markers if marker.marker_name}
        billed["task with local activities"] += len(tasks)
    return billed


def messages_in(histories: Sequence[WorkflowHistory], opened_at: datetime) -> list[Message]:
    """The facts and commands, in the order in which they came."""
    return [message for history in histories for event in history.events if (message := _message(event, opened_at))]


def decisions_in(histories: Sequence[WorkflowHistory]) -> list[RecordedDecision]:
    """The decisions of a life in which everything had settled before the next fact or command came."""
    looks: list[RecordedDecision] = []
    heard, cause = 0, "start"
    for event in (event for history in histories for event in history.events):
        cause = _CAUSES.get(event.event_type, cause)
        heard += _CAUSES.get(event.event_type) == "told"
        if event.event_type == Kind.EVENT_TYPE_MARKER_RECORDED:
            decision = Decision.model_validate_json(_first(event.marker_recorded_event_attributes.details["result"]))
            looks.append(RecordedDecision(cause=cause, at=_at(event), heard=heard, decision=decision))
    return looks


def plan_of(looks: Sequence[RecordedDecision], opened_at: datetime) -> tuple[PlanStep, ...]:
    """What a workflow without rules does to have the same effects and waits.

    Looks that changed nothing (no effect, same wake time) do not end a wait; nor do looks before the wake time
    of the decision in force, which nothing but a timer that has outlived its purpose can cause.
    """
    stretches: list[PlanStep] = []
    for look in looks:
        last = stretches[-1] if stretches else None
        effects, wake_at = look.decision.effects, look.decision.wake_at
        following = PlanStep(
            rounds=(effects,) if effects else (),
            until_heard=None,
            wake_after=wake_at - opened_at if wake_at else None,
            summary=look.decision.wake_for,
        )
        if last and look.cause == "outcome":
            stretches[-1] = following.model_copy(update={"rounds": (*last.rounds, *following.rounds)})
        elif last and not effects and (following.wake_after == last.wake_after or _is_early(look, last, opened_at)):
            continue
        else:
            if last and look.cause == "told":
                stretches[-1] = last.model_copy(update={"until_heard": look.heard})
            stretches.append(following)
    return tuple(stretches)


def _is_early(look: RecordedDecision, last: PlanStep, opened_at: datetime) -> bool:
    return look.cause == "time" and last.wake_after is not None and look.at < opened_at + last.wake_after - _EARLY


def _message(event: HistoryEvent, opened_at: datetime) -> Message | None:
    after = _at(event) - opened_at
    if event.event_type == Kind.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
        signal = event.workflow_execution_signaled_event_attributes
        return Message(after=after, how="signal", name=signal.signal_name, payload=_first(signal.input))
    if event.event_type == Kind.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
        asked = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
        return Message(after=after, how="update", name=asked.name, payload=_first(asked.args))
    return None


def _first(payloads: Payloads) -> str:
    return payloads.payloads[0].data.decode()


def _at(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(tzinfo=UTC)
