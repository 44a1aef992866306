"""``task``: a person is asked to do something, by a time in their own calendar or reckoned from a date."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.steps.task import TaskStep
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import detail_of, open_task

_USUAL_TIME = Span.parse("1bd")
"""When the playbook says nothing else."""


def carry_out(context: DecisionContext, due: DueStep[TaskStep]) -> bool:
    """Ask whoever holds the step's role."""
    run, step = due.run, due.step
    role = step.owner or context.stage.owner
    until = context.by_then(role, step.wait) if isinstance(step.wait, Span) else None
    opened = e.TaskOpened(
        at=context.now, task=context.id_of_step(run, due.index), title=step.title or step.task.replace("_", " "),
        name=step.task, role=role, due_at=_deadline(context, step, role), escalate=step.escalate,
        required=step.required, run=run.key, step=due.index, gates_next=step.wait is not False, gates_until=until,
        dated=isinstance(step.due, Dated), asks=step.asks,
    )  # fmt: skip
    open_task(context, opened, detail_of(step))
    return True


def _deadline(context: DecisionContext, step: TaskStep, role: str) -> datetime:
    """When a task is due; a time already past gives way to the date it was reckoned from."""
    if isinstance(step.due, Span) or step.due is None:
        return context.by_then(role, step.due or _USUAL_TIME)
    times = context.time_of(step.due)
    if times is None:
        return context.by_then(role, _USUAL_TIME)
    anchor, at = times
    return at if at > context.now else max(anchor, context.now)
