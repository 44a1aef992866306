"""Dates: plays that begin by a date, and all that is reckoned from one, as dates become known, move and go by."""

from __future__ import annotations

from datetime import datetime, timedelta

from dealwright import entries as e
from dealwright.calendar.zones import zone_named
from dealwright.deal import Meeting
from dealwright.facts import FACTS, AboutThing
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.paths import known_path
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.task import TaskStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import plan
from dealwright.rules.plays import Cause, begin, is_over, stop, visit_of
from dealwright.rules.tasks import ask_anew
from dealwright.state import Run, Task
from dealwright.values.times import day_of

_ANOTHER_DAY = timedelta(hours=20)
"""A day that begins at another time by less than this is the same one, in the zone of another owner."""
_WORTH_ASKING_ANEW = timedelta(hours=12)
"""A deadline that moves by less stays on people's lists as it is."""


def take_back(context: DecisionContext, fact: str, about: str | None) -> None:
    """What a fact started stops, and what it stopped may begin again: the fact was none."""
    state = context.state
    for run in list(state.runs.values()):
        started = (run.trigger or "").partition(":")[0] == fact or (run.dated_by is not None and _begins(fact))
        if started and (about is None or run.about in {None, about}):
            forget_date(context, run)
            stop(context, run, f"{fact.replace('_', ' ')} was taken back")
    for play in context.playbook.dated_plays(state.stage or ""):
        stops = any(key.partition(":")[0] == fact for key in play.until)
        if stops and play.name in state.dated and not any(run.play == play.name for run in state.runs.values()):
            _wait_for_date(context, play, None)
    context.dates_changed = True


def _begins(fact: str) -> bool:
    """Whether a fact makes a date known: what it told of was none then."""
    told = FACTS.get(fact)
    return told is not None and issubclass(told, AboutThing) and told.turn == "begins"


def forget_date(context: DecisionContext, run: Run) -> None:
    """Before a run that a date started is stopped: let what is not done begin once more, should there be time."""
    play = context.playbook.play(run.play)
    if play is None or run.dated_by is None:
        return
    asked = any(task.run == run.key for task in context.state.tasks.values())
    waits = any(one.run == run.key and one.again_at is not None for one in context.state.pending.values())
    if run.planned or asked or waits:
        _wait_for_date(context, play, None)


def _wait_for_date(context: DecisionContext, play: Play, day: str | None) -> None:
    context.note(e.AnchorMoved(at=context.now, play=play.name, visit=visit_of(context, play), anchor=None, day=day))


def start_dated(context: DecisionContext) -> bool:
    """Start the plays whose time, reckoned from a date, has come. True when any did."""
    if not context.look_ahead and all(at > context.now for at in context.state.expected.values()):
        return False
    times = dated_times(context)
    due = [(play, anchor, at) for play, anchor, at in times if at <= context.now]
    if not due:
        _expect(context, times)
        return False
    context.look_ahead = True
    for play, anchor, at in due:
        begin(context, play, _dated_cause(context, play, anchor, at))
        if play.name not in context.state.dated:
            _remember(context, play, anchor)
    return True


def _dated_cause(context: DecisionContext, play: Play, anchor: datetime, at: datetime) -> Cause:
    path = play.dated.anchor if play.dated else ""
    about = _thing_of(context, play.dated) if play.dated else None
    return Cause(_because(context, play, anchor), at, _known_since(context, path), about=about, anchor=anchor)


def _thing_of(context: DecisionContext, dated: Dated) -> str | None:
    """The meeting, demo, proposal or term whose date it is."""
    part = dated.anchor.partition(".")[0]
    key = context.state.focus.get(part)
    return None if key is None else f"{part}/{key}"


def _known_since(context: DecisionContext, path: str) -> tuple[datetime, int] | None:
    """When a date became known or was last moved; None when it always was."""
    known = context.state.dates_known.get(path)
    return None if known is None else (known.at, known.number)


def _because(context: DecisionContext, play: Play, anchor: datetime) -> str:
    ahead = play.dated is not None and play.dated.before
    return f"{_day(context, anchor)} is {'near' if ahead else 'past'}"


def _day(context: DecisionContext, anchor: datetime) -> str:
    """The day of an anchor, where the deal's owner is."""
    zone = zone_named(context.calendar_of(context.state.owner_role or "").timezone)
    return day_of(anchor.astimezone(zone))


def look_ahead(context: DecisionContext) -> None:
    """Write down when the plays come that dates will start, where that changed."""
    if context.look_ahead:
        _expect(context, dated_times(context))


def _expect(context: DecisionContext, times: list[tuple[Play, datetime, datetime]]) -> None:
    context.look_ahead = False
    ahead = {play.name: at for play, _, at in times}
    for name in [name for name in context.state.expected if name not in ahead]:
        context.note(e.PlayExpected(at=context.now, play=name))
    for name, at in ahead.items():
        if context.state.expected.get(name) != at:
            context.note(e.PlayExpected(at=context.now, play=name, begins_at=at))


def dated_times(context: DecisionContext) -> list[tuple[Play, datetime, datetime]]:
    """Each play that a date starts here and that was not started for it yet: the anchor, and the play's time."""
    found = []
    for play in context.playbook.dated_plays(context.state.stage or ""):
        if play.dated is None or play.name in context.state.dated or is_off(context, play.dated):
            continue
        times = context.time_of(play.dated)
        if times is None or (play.dated.before and times[0] <= context.now):
            continue
        if is_over(context, play, _known_since(context, play.dated.anchor), _thing_of(context, play.dated)):
            continue
        owner = context.calendar_of(context.state.owner_role or "")
        found.append((play, times[0], owner.next_open(times[1])))
    return found


def redate(context: DecisionContext) -> None:
    """Move what is reckoned from dates that changed."""
    context.look_ahead = True
    _redate_plays(context)
    _call_off_messages(context)
    for run in list(context.state.runs.values()):
        play = context.playbook.play(run.play)
        for index, planned in list(run.planned.items()):
            if not planned.dated or play is None or index >= len(play.actions):
                continue
            moved = plan(context, play, index, run.trigger_at)
            if (moved.due_at, moved.late) != (planned.due_at, planned.late):
                context.note(e.StepPlanned(at=context.now, run=run.key, planned=moved, why="the date moved"))

    for task in [task for task in context.state.tasks.values() if task.dated and context.state.pause is None]:
        _redate_task(context, task)


def _call_off_messages(context: DecisionContext) -> None:
    """Call off the messages on their way about what is over, moved or called off."""
    for pending in [one for one in context.state.pending.values() if one.does == "send_email"]:
        run = context.state.runs.get(pending.run or "")
        play = context.playbook.play(run.play) if run else None
        if play is None or pending.step is None or pending.step >= len(play.actions):
            continue
        if any(is_off(context, dated) for dated in dates_of(play, play.actions[pending.step])):
            context.call_off(pending.effect, "what it is about is over or called off")


def _redate_task(context: DecisionContext, task: Task) -> None:
    run = context.state.runs.get(task.run or "")
    play = context.playbook.play(run.play) if run else None
    step = play.actions[task.step] if play and task.step is not None and task.step < len(play.actions) else None
    if not isinstance(step, TaskStep):
        return
    times = context.time_of(step.due) if isinstance(step.due, Dated) else None
    if times and times[1] > context.now and abs(times[1] - task.due_at) >= _WORTH_ASKING_ANEW:
        ask_anew(context, task, step, times[1])


def _redate_plays(context: DecisionContext) -> None:
    state = context.state
    for play in context.playbook.dated_plays(state.stage or ""):
        known = state.dated.get(play.name)
        if play.dated is None or known is None:
            continue
        times = context.time_of(play.dated)
        run = next((run for run in state.runs.values() if run.play == play.name), None)
        if times is None and run is not None:
            forget_date(context, run)
            stop(context, run, "its date is known no longer")
        if times is None or times[0] == known:
            continue
        visit = visit_of(context, play)
        same_day = known_path(play.dated.anchor).kind == "date" and abs(times[0] - known) < _ANOTHER_DAY
        told_of_it = run is None or _is_speaking(context, run)
        still_ahead = told_of_it and play.dated.before is not None and times[0] > context.now
        begins_at = context.calendar_of(state.owner_role or "").next_open(times[1])
        ahead = not same_day and (begins_at > context.now or still_ahead)
        if ahead and run is not None:
            stop(context, run, "its date moved")
        context.note(
            e.AnchorMoved(
                at=context.now,
                play=play.name,
                visit=visit,
                run=run.key if run else None,
                anchor=None if ahead else times[0],
                day=_day(context, times[0]),
            )
        )


def _is_speaking(context: DecisionContext, run: Run) -> bool:
    """Whether a message of a run is on its way, or waits: it would tell of the date before."""
    return any(one.run == run.key and one.does == "send_email" for one in context.state.pending.values())


def _remember(context: DecisionContext, play: Play, anchor: datetime) -> None:
    visit, day = visit_of(context, play), _day(context, anchor)
    context.note(e.AnchorMoved(at=context.now, play=play.name, visit=visit, anchor=anchor, day=day, left_out=True))


def is_off(context: DecisionContext, dated: Dated) -> bool:
    """Whether the meeting or demo that a time is reckoned from will not be, or was called off."""
    part = dated.anchor.partition(".")[0]
    thing = getattr(context.deal, part)
    if not isinstance(thing, Meeting):
        return False
    return thing.status != "booked" if dated.before else thing.status == "cancelled"


def dates_of(play: Play, step: Step) -> tuple[Dated, ...]:
    """The dates that a step, or the run it belongs to, is reckoned from."""
    return tuple(dated for dated in (play.dated, step.at) if dated is not None)
