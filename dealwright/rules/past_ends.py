"""Ends that a play which a date starts would have brought by now, had it begun in its time."""

from __future__ import annotations

from datetime import datetime

from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.rules import experiments
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import comes_at


def would_have_ended(context: DecisionContext, play: Play, began_at: datetime) -> bool:
    """Whether a play that began then would have closed the deal by now: by the time of its ``close``, not its own.

    Each step took as long as the playbook gives it. What waits for a person, however long, ends nothing by itself.
    """
    came: dict[int | None, datetime] = {None: began_at}
    for index, (step, _, owner) in enumerate(play.branches):
        if owner not in came or (owner is not None and _holds(context, play, play.actions[owner])):
            continue  # it comes instead of a step, and that one is done
        at = comes_at(context, play, index, max(came.values()) if play.steps else came[owner])
        if at is not None and at <= context.now:
            holds = _holds(context, play, step)
            if holds and isinstance(step, CloseStep):
                return True
            at = _goes_on_at(context, step, at) if holds and play.steps else at
        if at is not None and at <= context.now:
            came[index] = at
        elif play.steps:
            return False  # nor has anything that comes after it
    return False


def _holds(context: DecisionContext, play: Play, step: Step) -> bool:
    return step.if_ is None or experiments.holds(context, step.if_, None, play=play.name)


def _goes_on_at(context: DecisionContext, step: Step, at: datetime) -> datetime | None:
    """When what comes after a step is reckoned from, at the latest; None where it waits for as long as that takes."""
    wait = step.wait if isinstance(step, WorkStep | EnrolStep) else False
    if isinstance(wait, bool):
        return None if wait else at
    return context.calendar_of(step.role or context.stage.owner).add(at, wait)
