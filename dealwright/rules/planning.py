"""Planning: when a play's steps are due, and what follows a step that is behind the play."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.durations import Span
from dealwright.deal import Contact
from dealwright.identity import of_run
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.step import Step
from dealwright.rules import going_on
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.experiments import is_of_another_arm
from dealwright.state import Run

UNTIL_ANOTHER_LOOK = Span.parse("30d")
"""How long a dated step waits, while its date is not known, before it is looked at again."""


def plan_next(context: DecisionContext, run_key_: str, index: int, since: datetime) -> None:
    """Plan what follows a step that is done or skipped: the first one not behind the run, if they come in a row."""
    run = context.state.runs.get(run_key_)
    play = context.playbook.play(run.play) if run else None
    if run is None or play is None or run.gate or run.planned or not play.steps:
        return
    ahead = (
        at
        for at, name in enumerate(play.step_names)
        if at != index and name not in run.behind and play.branches.is_taken(at, run.otherwise)
    )
    following = next(ahead, None)
    if following is not None:
        _plan_in(context, run, play, following, since)


def plan_instead(context: DecisionContext, run_key_: str, index: int) -> None:
    """Plan what stands under the ``else`` of a step, if steps come side by side: each from this moment on.

    In a row, it is what follows anyway.
    """
    run = context.state.runs.get(run_key_)
    play = context.playbook.play(run.play) if run else None
    if run is None or play is None or not play.do:
        return
    for place in play.branches.instead(index):
        if play.step_names[place] not in run.behind:
            _plan_in(context, run, play, place, context.now)


def _plan_in(context: DecisionContext, run: Run, play: Play, index: int, since: datetime) -> None:
    planned = plan(context, play, index, since, run.contact, run.trigger)
    if run.not_before is not None and not planned.dated and planned.due_at < run.not_before:
        planned = planned.model_copy(update={"due_at": run.not_before})
    context.note(e.StepPlanned(at=context.now, run=run.key, planned=planned))


def go_on_without(context: DecisionContext) -> bool:
    """Let sequences go on whose wait for a task is over. True when any did."""
    over = [t for t in context.state.tasks.values() if t.gates_until is not None and t.gates_until <= context.now]
    for task in over:
        run = context.state.runs.get(task.run or "")
        play = run.play if run else task.name
        context.note(
            e.WaitEnded(
                at=context.now, run=task.run or "", play=play, task=task.id, title=task.title, contact=task.contact
            )
        )
        if run is not None and task.step is not None:
            plan_next(context, run.key, task.step, context.now)
    return bool(over)


def first_steps(
    context: DecisionContext, play: Play, trigger_at: datetime, contact: str | None = None, trigger: str | None = None
) -> tuple[e.PlannedStep, ...]:
    """With what a run begins: all that come side by side, or the first of those that come in a row."""
    anyway = [index for index in range(len(play.actions)) if play.branches.is_taken(index, ())]
    begins_with = anyway if play.do else anyway[:1]
    return tuple(plan(context, play, index, trigger_at, contact, trigger) for index in begins_with)


def plan(
    context: DecisionContext,
    play: Play,
    index: int,
    since: datetime,
    contact: str | None = None,
    trigger: str | None = None,
) -> e.PlannedStep:
    """The step of that index, with its time, reckoned from ``since`` or from its date.

    ``contact`` is the one whom the play runs for, where it runs for each. By its ``trigger`` a message is known that
    was said before: it is left out at once, and not when it could leave.
    """
    step, name = play.actions[index], play.step_names[index]
    label = f"{of_run(play.name, contact)}, step {index + 1}: {step.label}"
    if not step.otherwise and is_of_another_arm(context, play, step):  # what comes instead has the step's time
        return e.PlannedStep(index=index, due_at=since, label=label, planned_at=context.now, name=name)
    if step.at is not None:
        times = context.time_of(step.at)
        late = times is not None and times[1] < context.now
        due_at = _from_date(context, step, times, since, contact)
        return e.PlannedStep(
            index=index, due_at=due_at, label=label, dated=True, late=late, planned_at=context.now, name=name
        )
    calendar = _calendar_of_step(context, step, contact)
    due_at = since if step.after is None else calendar.add(since, step.after)
    if step.after is None and _was_said(context, step, contact, trigger):
        return e.PlannedStep(index=index, due_at=since, label=label, planned_at=context.now, name=name)
    at = _in_window(context, step, due_at, calendar)
    return e.PlannedStep(index=index, due_at=at, label=label, planned_at=context.now, name=name)


def comes_at(context: DecisionContext, play: Play, index: int, since: datetime) -> datetime | None:
    """When a step comes by the playbook, whatever hours it keeps to; None while the date that it has is not known."""
    step = play.actions[index]
    if not step.otherwise and is_of_another_arm(context, play, step):
        return since
    if step.at is not None:
        times = context.time_of(step.at)
        return times[1] if times else None
    return since if step.after is None else _calendar_of_step(context, step, None).add(since, step.after)


def _was_said(context: DecisionContext, step: Step, only: str | None, trigger: str | None) -> bool:
    if context.state.goes_on_since is None or not isinstance(step, MessageStep):
        return False
    whom = step.addressee(context.state, only)
    return isinstance(whom, Contact) and going_on.was_said(context, step, whom, trigger, only)


def _from_date(
    context: DecisionContext,
    step: Step,
    times: tuple[datetime, datetime] | None,
    since: datetime,
    contact: str | None,
) -> datetime:
    """The time of a dated step; while its date is not known, a look once a month until it is."""
    if times is None:
        return context.calendar_of(context.stage.owner).add(max(since, context.now), UNTIL_ANOTHER_LOOK)
    if times[1] < context.now:
        return times[1]
    return _in_window(context, step, times[1], _calendar_of_step(context, step, contact))


def _calendar_of_step(context: DecisionContext, step: Step, contact: str | None) -> Calendar:
    if step.is_touch:
        return context.calendar_for(step.contact(context.state, contact))
    return context.calendar_of(step.role or context.stage.owner)


def _in_window(context: DecisionContext, step: Step, at: datetime, calendar: Calendar) -> datetime:
    """Touches keep to the contact's business hours; everything else may come at any time."""
    return calendar.next_open(max(at, context.now)) if step.is_touch else at


def not_before_now(
    context: DecisionContext, play: Play, planned: e.PlannedStep, contact: str | None = None
) -> datetime:
    """The time of a step that was planned before, if it is still to come, else the first one that it may have now."""
    step = play.actions[planned.index]
    if planned.due_at > context.now:
        return planned.due_at
    return _in_window(context, step, context.now, _calendar_of_step(context, step, contact))
