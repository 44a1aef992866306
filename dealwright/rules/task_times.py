"""By when a task of a play is to be done, in the calendar of whoever has it."""

from __future__ import annotations

from datetime import datetime

from dealwright.calendar.durations import Span
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.wanted import holds_in
from dealwright.state import Run

_USUAL_TIME = Span.parse("1bd")
"""When the playbook says nothing else."""


def due_at(context: DecisionContext, step: WorkStep, role: str, run: Run | None) -> datetime:
    """When a task that is asked for now is due; a time already past gives way to the date it was reckoned from."""
    if not isinstance(step.due, Dated):
        return context.by_then(role, time_for(context, step, run))
    times = context.time_of(step.due)
    if times is None:
        return context.by_then(role, _USUAL_TIME)
    anchor, at = times
    return at if at > context.now else max(anchor, context.now)


def time_for(context: DecisionContext, step: WorkStep, run: Run | None) -> Span:
    """How long a task has, as things stand."""
    if isinstance(step.due, Span):
        return step.due
    play = None if run is None else context.playbook.play(run.play)
    for tier in step.tiers:
        if tier.if_ is None or holds_in(context, run, play, tier.if_):
            return tier.within
    return _USUAL_TIME
