"""Planning: when a play's steps are due, and what follows a step that is behind the play."""

from __future__ import annotations

from datetime import datetime

from deals import consent
from deals import entries as e
from deals.calendar import Calendar
from deals.durations import Span
from deals.playbook.parts import Play, Step
from deals.rules.desk import Desk

UNTIL_ANOTHER_LOOK = Span.parse("30d")
"""How long a dated step waits, while its date is not known, before it is looked at again."""


def plan_next(desk: Desk, run_key_: str, index: int, since: datetime) -> None:
    """Plan what follows a step that is done or skipped: the first one not behind the run, if they come in a row."""
    run = desk.state.runs.get(run_key_)
    play = desk.playbook.play(run.play) if run else None
    if run is None or play is None or run.gate or run.planned or not play.steps:
        return
    ahead = (at for at, name in enumerate(play.step_names) if at != index and name not in run.behind)
    following = next(ahead, None)
    if following is None:
        return
    planned = plan(desk, play, following, since)
    desk.note(e.StepPlanned(at=desk.now, run=run.key, planned=planned))


def go_on_without(desk: Desk) -> bool:
    """Let sequences go on whose wait for a task is over. True when any did."""
    over = [t for t in desk.state.tasks.values() if t.gates_until is not None and t.gates_until <= desk.now]
    for task in over:
        run = desk.state.runs.get(task.run or "")
        play = run.play if run else task.name
        desk.note(e.WaitEnded(at=desk.now, run=task.run or "", play=play, task=task.id, title=task.title))
        if run is not None and task.step is not None:
            plan_next(desk, run.key, task.step, desk.now)
    return bool(over)


def first_steps(desk: Desk, play: Play, trigger_at: datetime) -> tuple[e.PlannedStep, ...]:
    """With what a run begins: all that come side by side, or the first of those that come in a row."""
    indexes = range(len(play.do)) if play.do else range(1)
    return tuple(plan(desk, play, index, trigger_at) for index in indexes)


def plan(desk: Desk, play: Play, index: int, since: datetime) -> e.PlannedStep:
    """The step of that index, with its time, reckoned from ``since`` or from its date."""
    step, name = play.actions[index], play.step_names[index]
    label = f"{play.name}, step {index + 1}: {step.label}"
    if step.at is not None:
        times = desk.time_of(step.at)
        late = times is not None and times[1] < desk.now
        due_at = _from_date(desk, step, times, since)
        return e.PlannedStep(
            index=index, due_at=due_at, label=label, dated=True, late=late, planned_at=desk.now, name=name
        )
    due_at = since if step.after is None else _calendar_of_step(desk, step).add(since, step.after)
    at = _in_window(desk, step, due_at)
    return e.PlannedStep(index=index, due_at=at, label=label, planned_at=desk.now, name=name)


def _from_date(desk: Desk, step: Step, times: tuple[datetime, datetime] | None, since: datetime) -> datetime:
    """The time of a dated step; while its date is not known, a look once a month until it is."""
    if times is None:
        return desk.calendar_of(desk.stage.owner).add(max(since, desk.now), UNTIL_ANOTHER_LOOK)
    return _in_window(desk, step, times[1]) if times[1] >= desk.now else times[1]


def _calendar_of_step(desk: Desk, step: Step) -> Calendar:
    if step.email:
        return desk.calendar_for(consent.expected_addressee(desk.state, marketing=step.marketing))
    return desk.calendar_of(step.owner or desk.stage.owner)


def _in_window(desk: Desk, step: Step, at: datetime) -> datetime:
    """Touches keep to the contact's business hours; everything else may come at any time."""
    return _calendar_of_step(desk, step).next_open(max(at, desk.now)) if step.email else at
