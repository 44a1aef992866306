"""Plays: started by facts, events and dates; stopped by their ``until``; their steps planned and moved."""

from __future__ import annotations

from datetime import datetime, timedelta

from deals import consent
from deals import entries as e
from deals.calendar import Calendar
from deals.durations import Span
from deals.effects import CreateTask, Effect, HandOver, RequestApproval
from deals.identity import run_key
from deals.places import zone_named
from deals.playbook.parts import Dated, Play, Step
from deals.playbook.paths import known_path
from deals.rules import approvals, handoffs
from deals.rules.desk import Desk, Event
from deals.rules.tasks import ask_anew, cancel_task
from deals.state import Pending, Run, Task
from deals.times import day_of

WHOLE_DEAL_VISIT = 0
"""Stands for the stage visit in the ids of plays that belong to no stage."""
UNTIL_ANOTHER_LOOK = Span.parse("30d")
"""How long a dated step waits, while its date is not known, before it is looked at again."""

_ANOTHER_DAY = timedelta(hours=20)
"""A day that begins at another time by less than this is the same one, in the zone of another owner."""
_WORTH_ASKING_ANEW = timedelta(hours=12)
"""A deadline that moves by less stays on people's lists as it is."""
_WITHDRAWABLE = {"send_email", "create_task", "hand_over", "request_approval"}
"""What a person gets, and nobody wants any more once its play has stopped."""


def hear(desk: Desk, event: Event) -> None:
    """Let the plays hear a fact or event: those that end by it stop, those that wait for it start."""
    key, at = event.key, event.at
    stopped, starting = (
        () if event.spares else desk.playbook.stopped_by(key),
        desk.playbook.listening(desk.state.stage, key),
    )
    for run in [run for run in desk.state.runs.values() if run.play in stopped] if stopped else ():
        stop(desk, run, key.replace("_", " ").replace(":", ": "))
    for play in starting:
        begin(desk, play, because=key.replace("_", " ").replace(":", ": "), trigger_at=at, trigger=key)


def begin(
    desk: Desk, play: Play, *, because: str, trigger_at: datetime, anchor: datetime | None = None,
    trigger: str | None = None,
) -> None:  # fmt: skip
    """Start a run of a play, if its condition holds."""
    state = desk.state
    whole_deal = desk.playbook.is_whole_deal(play.name)
    if play.if_ is not None and not play.if_.test(state, 0 if whole_deal else state.stage_since):
        return
    if play.alone and any(run.play == play.name for run in state.runs.values()):
        return
    start(desk, play, because=because, trigger_at=trigger_at, anchor=anchor, trigger=trigger)


def start(
    desk: Desk, play: Play, *, because: str, trigger_at: datetime | None = None, anchor: datetime | None = None,
    trigger: str | None = None,
) -> None:  # fmt: skip
    """Start a run of a play, whatever its condition says; without a trigger, as somebody wants it now."""
    state, visit = desk.state, _visit(desk, play)
    whole_deal = desk.playbook.is_whole_deal(play.name)
    if trigger_at is None:
        trigger_at = desk.now
        times = desk.time_of(play.dated) if play.dated else None
        anchor = times[0] if times else None
    occurrence = state.occurrences.get(f"{play.name}/{visit}", 0) + 1
    key = run_key(play.name, visit, occurrence)
    planned = _first_steps(desk, play, trigger_at)
    desk.note(
        e.PlayStarted(
            at=desk.now, run=key, play=play.name, visit=visit, occurrence=occurrence, because=because,
            trigger=trigger, trigger_at=trigger_at, whole_deal=whole_deal, dated_by=anchor, planned=planned,
        )
    )  # fmt: skip


def stop(desk: Desk, run: Run, why: str, *, handoffs_too: bool = True, skipped: tuple[str, ...] = ()) -> None:
    """End a run at once: nothing more of it goes out; what is on its way or was asked for is called off."""
    state, because = desk.state, f"{run.play} stopped: {why}"
    for task in [t for t in state.tasks.values() if t.run == run.key and t.settles is None]:
        cancel_task(desk, task, because)
    for approval in [a for a in state.approvals.values() if a.run == run.key]:
        approvals.drop(desk, approval, because)
    for handoff in [h for h in state.handoffs.values() if handoffs_too and h.run == run.key]:
        handoffs.drop(desk, handoff, because)
    for pending in [p for p in state.pending.values() if p.run == run.key and can_be_called_off(p)]:
        if handoffs_too or pending.does != "hand_over":
            desk.call_off(pending.effect, because)
    ended = e.PlayEnded(at=desk.now, run=run.key, play=run.play, how="stopped", why=why, skipped_required=skipped)
    desk.note(ended)


def can_be_called_off(pending: Pending) -> bool:
    """Whether an effect of a play that stopped is called off, if it is not too late."""
    return pending.does in _WITHDRAWABLE or pending.again_at is not None


def is_wanted(desk: Desk, pending: Pending, effect: Effect | None) -> bool:
    """Whether an effect that was not handed over should be tried again: nobody called off what it is about."""
    match effect:
        case CreateTask():
            return effect.task in desk.state.tasks
        case HandOver():
            return effect.handoff in desk.state.handoffs
        case RequestApproval():
            return effect.approval in desk.state.approvals
    return pending.run is None or pending.run in desk.state.runs


def end_finished(desk: Desk) -> None:
    """Close the runs that have nothing left to do or to wait for."""
    done = [run for run in desk.state.runs.values() if not run.planned and not run.gate]
    for run in done:
        if not is_under_way(desk, run):
            desk.note(e.PlayEnded(at=desk.now, run=run.key, play=run.play, how="finished", why="all steps done"))


def is_under_way(desk: Desk, run: Run) -> bool:
    """Whether a run has something left to do or to wait for."""
    state = desk.state
    waits = (state.pending, state.tasks, state.approvals, state.handoffs)
    return bool(run.planned or run.gate) or any(one.run == run.key for asked in waits for one in asked.values())


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


def start_dated(desk: Desk) -> bool:
    """Start the plays whose time, reckoned from a date, has come. True when any did."""
    if not desk.look_ahead and all(at > desk.now for at in desk.state.expected.values()):
        return False
    times = dated_times(desk)
    due = [(play, anchor, at) for play, anchor, at in times if at <= desk.now]
    if not due:
        _expect(desk, times)
        return False
    desk.look_ahead = True
    for play, anchor, at in due:
        begin(desk, play, because=_because(desk, play, anchor), trigger_at=at, anchor=anchor)
        if _visit_key(desk, play) not in desk.state.dated:
            _remember(desk, play, anchor)
    return True


def _because(desk: Desk, play: Play, anchor: datetime) -> str:
    ahead = play.dated is not None and play.dated.before
    return f"{_day(desk, anchor)} is {'near' if ahead else 'past'}"


def _day(desk: Desk, anchor: datetime) -> str:
    """The day of an anchor, where the deal's owner is."""
    zone = zone_named(desk.calendar_of(desk.state.owner_role or "").timezone)
    return day_of(anchor.astimezone(zone))


def look_ahead(desk: Desk) -> None:
    """Write down when the plays come that dates will start, where that changed."""
    if desk.look_ahead:
        _expect(desk, dated_times(desk))


def _expect(desk: Desk, times: list[tuple[Play, datetime, datetime]]) -> None:
    desk.look_ahead = False
    ahead = {play.name: at for play, _, at in times}
    for name in [name for name in desk.state.expected if name not in ahead]:
        desk.note(e.PlayExpected(at=desk.now, play=name))
    for name, at in ahead.items():
        if desk.state.expected.get(name) != at:
            desk.note(e.PlayExpected(at=desk.now, play=name, begins_at=at))


def dated_times(desk: Desk) -> list[tuple[Play, datetime, datetime]]:
    """Each play that a date starts here and that was not started for it yet: the anchor, and the play's time."""
    found = []
    for play in desk.playbook.dated_plays(desk.state.stage or ""):
        if play.dated is None or _visit_key(desk, play) in desk.state.dated:
            continue
        times = desk.time_of(play.dated)
        if times is None or (play.dated.before and times[0] <= desk.now):
            continue
        owner = desk.calendar_of(desk.state.owner_role or "")
        found.append((play, times[0], owner.next_open(times[1])))
    return found


def redate(desk: Desk) -> None:
    """Move what is reckoned from dates that changed."""
    desk.look_ahead = True
    _redate_plays(desk)
    for run in list(desk.state.runs.values()):
        play = desk.playbook.play(run.play)
        for index, planned in list(run.planned.items()):
            if not planned.dated or play is None or index >= len(play.actions):
                continue
            moved = plan(desk, play, index, run.trigger_at)
            if (moved.due_at, moved.late) != (planned.due_at, planned.late):
                desk.note(e.StepPlanned(at=desk.now, run=run.key, planned=moved, why="the date moved"))

    for task in [task for task in desk.state.tasks.values() if task.dated and desk.state.pause is None]:
        _redate_task(desk, task)


def _redate_task(desk: Desk, task: Task) -> None:
    run = desk.state.runs.get(task.run or "")
    play = desk.playbook.play(run.play) if run else None
    step = play.actions[task.step] if play and task.step is not None and task.step < len(play.actions) else None
    times = desk.time_of(step.due) if step and isinstance(step.due, Dated) else None
    if step and times and times[1] > desk.now and abs(times[1] - task.due_at) >= _WORTH_ASKING_ANEW:
        ask_anew(desk, task, step, times[1])


def _redate_plays(desk: Desk) -> None:
    state = desk.state
    for play in desk.playbook.dated_plays(state.stage or ""):
        known = state.dated.get(_visit_key(desk, play))
        if play.dated is None or known is None:
            continue
        times = desk.time_of(play.dated)
        if times is None or times[0] == known:
            continue
        visit = _visit(desk, play)
        run = next((r for r in state.runs.values() if r.play == play.name and r.visit == visit), None)
        same_day = known_path(play.dated.anchor).kind == "date" and abs(times[0] - known) < _ANOTHER_DAY
        ahead = not same_day and desk.calendar_of(state.owner_role or "").next_open(times[1]) > desk.now
        if ahead and run is not None:
            stop(desk, run, "its date moved")
        desk.note(
            e.AnchorMoved(
                at=desk.now,
                play=play.name,
                visit=visit,
                run=run.key if run else None,
                anchor=None if ahead else times[0],
                day=_day(desk, times[0]),
            )
        )


def _remember(desk: Desk, play: Play, anchor: datetime) -> None:
    visit, day = _visit(desk, play), _day(desk, anchor)
    desk.note(e.AnchorMoved(at=desk.now, play=play.name, visit=visit, anchor=anchor, day=day, left_out=True))


def _visit(desk: Desk, play: Play) -> int:
    return WHOLE_DEAL_VISIT if desk.playbook.is_whole_deal(play.name) else desk.state.visit


def _visit_key(desk: Desk, play: Play) -> str:
    return f"{play.name}/{_visit(desk, play)}"


def _first_steps(desk: Desk, play: Play, trigger_at: datetime) -> tuple[e.PlannedStep, ...]:
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
