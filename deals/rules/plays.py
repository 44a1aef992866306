"""Plays: started by facts, events and dates; stopped by their ``until``; their steps planned and moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from deals import consent
from deals import entries as e
from deals.calendar import Calendar
from deals.deal import Meeting
from deals.durations import Span
from deals.effects import CreateTask, Effect, HandOver, RequestApproval
from deals.identity import run_key
from deals.places import zone_named
from deals.playbook.parts import Dated, Play, Step
from deals.playbook.paths import known_path
from deals.rules import approvals, handoffs
from deals.rules.crossings import crossing_of
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
    key, because = event.key, event.key.replace("_", " ").replace(":", ": ")
    stopped = () if event.spares else desk.playbook.stopped_by(key)
    starting = desk.playbook.listening(desk.state.stage, key)
    for run in [run for run in desk.state.runs.values() if run.play in stopped] if stopped else ():
        if _concerns(run, event):
            stop(desk, run, because)
    for play in starting:
        begin(desk, play, Cause.of(event, because, desk))


def _concerns(run: Run, event: Event) -> bool:
    """Whether what happened counts for a run: it happened since, and not to another demo than the run's."""
    if run.since_at is not None and event.at < run.since_at:
        return False
    if run.about is None or event.about is None or run.about == event.about:
        return True
    if run.about.partition("/")[0] != event.about.partition("/")[0]:
        return True
    if run.dated_by is not None:
        return event.turn == "begins"
    return event.turn != "goes_badly"


class Cause(NamedTuple):
    """What starts a play."""

    because: str
    trigger_at: datetime
    """From when its steps are reckoned."""
    since: tuple[datetime, int] | None
    """What happened since then, by another entry, counts for it; None for all that ever happened."""
    trigger: str | None = None
    about: str | None = None
    anchor: datetime | None = None

    @classmethod
    def of(cls, event: Event, because: str, desk: Desk) -> Cause:
        """A fact or event. One that says that a stage was entered counts from when its visit began."""
        entered = event.key.partition(":")[0] == "entered"
        since = desk.state.visit_since if entered else (event.at, event.number)
        return cls(because, event.at, since, event.key, event.about)

    @classmethod
    def wanted(cls, desk: Desk, play: Play, because: str) -> Cause:
        """Somebody who wants the play now, whatever would start it."""
        times = desk.time_of(play.dated) if play.dated else None
        now = (desk.now, desk.state.entries)
        return cls(because, desk.now, now, anchor=times[0] if times else None)


def begin(desk: Desk, play: Play, cause: Cause) -> None:
    """Start a run of a play, if its condition holds, and what would stop it has not happened since."""
    state = desk.state
    whole_deal = desk.playbook.is_whole_deal(play.name)
    if play.if_ is not None and not play.if_.test(state, None if whole_deal else state.visit_since):
        return
    if play.alone and any(run.play == play.name for run in state.runs.values()):
        return
    crossing = crossing_of(play, cause.trigger, cause.about)
    if crossing not in state.crossed and not _is_over(desk, play, cause.since):
        start(desk, play, cause, crossing)


def start(desk: Desk, play: Play, cause: Cause, crossing: str | None = None) -> None:
    """Start a run of a play, whatever its condition says."""
    state, visit = desk.state, _visit(desk, play)
    whole_deal = desk.playbook.is_whole_deal(play.name)
    occurrence = state.occurrences.get(f"{play.name}/{visit}", 0) + 1
    key = run_key(play.name, visit, occurrence)
    planned = _first_steps(desk, play, cause.trigger_at)
    desk.note(
        e.PlayStarted(
            at=desk.now, run=key, play=play.name, visit=visit, occurrence=occurrence, because=cause.because,
            trigger_at=cause.trigger_at, whole_deal=whole_deal, dated_by=cause.anchor, planned=planned,
            since_at=cause.since[0] if cause.since else None, trigger=cause.trigger, about=cause.about,
            crossing=crossing,
        )
    )  # fmt: skip


def _is_over(desk: Desk, play: Play, since: tuple[datetime, int] | None) -> bool:
    """Whether something that would stop a play happened since that which starts it; None: since ever."""
    known = (consent.last_that_ends(desk.state, key) for key in play.until)
    return any(it is not None and (since is None or (it.at, it.number) > since) for it in known)


def take_back(desk: Desk, fact: str, about: str | None) -> None:
    """What a fact started stops, and what it stopped may begin again: the fact was none."""
    state = desk.state
    for run in list(state.runs.values()):
        started = (run.trigger or "").partition(":")[0] == fact
        if started and (about is None or run.about in {None, about}):
            stop(desk, run, f"{fact.replace('_', ' ')} was taken back")
    for play in desk.playbook.dated_plays(state.stage or ""):
        stops = any(key.partition(":")[0] == fact for key in play.until)
        if stops and play.name in state.dated and not any(run.play == play.name for run in state.runs.values()):
            _wait_for_date(desk, play, None)
    desk.dates_changed = True


def forget_date(desk: Desk, run: Run) -> None:
    """Let a run that a date started begin once more, should the deal come by in time."""
    if (play := desk.playbook.play(run.play)) is not None and run.planned:
        _wait_for_date(desk, play, None)


def _wait_for_date(desk: Desk, play: Play, day: str | None) -> None:
    desk.note(e.AnchorMoved(at=desk.now, play=play.name, visit=_visit(desk, play), anchor=None, day=day))


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
        begin(desk, play, _dated_cause(desk, play, anchor, at))
        if play.name not in desk.state.dated:
            _remember(desk, play, anchor)
    return True


def _dated_cause(desk: Desk, play: Play, anchor: datetime, at: datetime) -> Cause:
    path = play.dated.anchor if play.dated else ""
    part = path.partition(".")[0]
    key = desk.state.focus.get(part)
    about = None if key is None else f"{part}/{key}"
    return Cause(_because(desk, play, anchor), at, _known_since(desk, path), about=about, anchor=anchor)


def _known_since(desk: Desk, path: str) -> tuple[datetime, int] | None:
    """When a date became known or was last moved; None when it always was."""
    known = desk.state.dates_known.get(path)
    return None if known is None else (known.at, known.number)


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
        if play.dated is None or play.name in desk.state.dated or is_off(desk, play.dated):
            continue
        times = desk.time_of(play.dated)
        if times is None or (play.dated.before and times[0] <= desk.now):
            continue
        if _is_over(desk, play, _known_since(desk, play.dated.anchor)):
            continue
        owner = desk.calendar_of(desk.state.owner_role or "")
        found.append((play, times[0], owner.next_open(times[1])))
    return found


def redate(desk: Desk) -> None:
    """Move what is reckoned from dates that changed."""
    desk.look_ahead = True
    _redate_plays(desk)
    _call_off_messages(desk)
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


def _call_off_messages(desk: Desk) -> None:
    """Call off the messages on their way about what is over, moved or called off."""
    for pending in [one for one in desk.state.pending.values() if one.does == "send_email"]:
        run = desk.state.runs.get(pending.run or "")
        play = desk.playbook.play(run.play) if run else None
        if play is None or pending.step is None or pending.step >= len(play.actions):
            continue
        if any(is_off(desk, dated) for dated in dates_of(play, play.actions[pending.step])):
            desk.call_off(pending.effect, "what it is about is over or called off")


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
        known = state.dated.get(play.name)
        if play.dated is None or known is None:
            continue
        times = desk.time_of(play.dated)
        if times is None or times[0] == known:
            continue
        visit = _visit(desk, play)
        run = next((run for run in state.runs.values() if run.play == play.name), None)
        same_day = known_path(play.dated.anchor).kind == "date" and abs(times[0] - known) < _ANOTHER_DAY
        still_ahead = run is None and play.dated.before is not None and times[0] > desk.now
        begins_at = desk.calendar_of(state.owner_role or "").next_open(times[1])
        ahead = not same_day and (begins_at > desk.now or still_ahead)
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


def dates_of(play: Play, step: Step) -> tuple[Dated, ...]:
    """The dates that a step, or the run it belongs to, is reckoned from."""
    return tuple(dated for dated in (play.dated, step.at) if dated is not None)


def is_off(desk: Desk, dated: Dated) -> bool:
    """Whether the meeting or demo that a time is reckoned from will not be, or was called off."""
    part = dated.anchor.partition(".")[0]
    thing = getattr(desk.deal, part)
    if not isinstance(thing, Meeting):
        return False
    return thing.status != "booked" if dated.before else thing.status == "cancelled"


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
