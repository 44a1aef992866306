"""Dates: plays that begin by a date, and all that is reckoned from one, as dates become known, move and go by."""

from __future__ import annotations

from datetime import datetime, timedelta

from deals import entries as e
from deals.deal import Meeting
from deals.facts import FACTS, AboutThing
from deals.places import zone_named
from deals.playbook.parts import Dated, Play, Step
from deals.playbook.paths import known_path
from deals.rules.desk import Desk
from deals.rules.planning import plan
from deals.rules.plays import Cause, begin, is_over, stop, visit_of
from deals.rules.tasks import ask_anew
from deals.state import Run, Task
from deals.times import day_of

_ANOTHER_DAY = timedelta(hours=20)
"""A day that begins at another time by less than this is the same one, in the zone of another owner."""
_WORTH_ASKING_ANEW = timedelta(hours=12)
"""A deadline that moves by less stays on people's lists as it is."""


def take_back(desk: Desk, fact: str, about: str | None) -> None:
    """What a fact started stops, and what it stopped may begin again: the fact was none."""
    state = desk.state
    for run in list(state.runs.values()):
        started = (run.trigger or "").partition(":")[0] == fact or (run.dated_by is not None and _begins(fact))
        if started and (about is None or run.about in {None, about}):
            forget_date(desk, run)
            stop(desk, run, f"{fact.replace('_', ' ')} was taken back")
    for play in desk.playbook.dated_plays(state.stage or ""):
        stops = any(key.partition(":")[0] == fact for key in play.until)
        if stops and play.name in state.dated and not any(run.play == play.name for run in state.runs.values()):
            _wait_for_date(desk, play, None)
    desk.dates_changed = True


def _begins(fact: str) -> bool:
    """Whether a fact makes a date known: what it told of was none then."""
    told = FACTS.get(fact)
    return told is not None and issubclass(told, AboutThing) and told.turn == "begins"


def forget_date(desk: Desk, run: Run) -> None:
    """Before a run that a date started is stopped: let what is not done begin once more, should there be time."""
    play = desk.playbook.play(run.play)
    if play is None or run.dated_by is None:
        return
    asked = any(task.run == run.key for task in desk.state.tasks.values())
    waits = any(one.run == run.key and one.again_at is not None for one in desk.state.pending.values())
    if run.planned or asked or waits:
        _wait_for_date(desk, play, None)


def _wait_for_date(desk: Desk, play: Play, day: str | None) -> None:
    desk.note(e.AnchorMoved(at=desk.now, play=play.name, visit=visit_of(desk, play), anchor=None, day=day))


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
    about = _thing_of(desk, play.dated) if play.dated else None
    return Cause(_because(desk, play, anchor), at, _known_since(desk, path), about=about, anchor=anchor)


def _thing_of(desk: Desk, dated: Dated) -> str | None:
    """The meeting, demo, proposal or term whose date it is."""
    part = dated.anchor.partition(".")[0]
    key = desk.state.focus.get(part)
    return None if key is None else f"{part}/{key}"


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
        if is_over(desk, play, _known_since(desk, play.dated.anchor), _thing_of(desk, play.dated)):
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
        run = next((run for run in state.runs.values() if run.play == play.name), None)
        if times is None and run is not None:
            forget_date(desk, run)
            stop(desk, run, "its date is known no longer")
        if times is None or times[0] == known:
            continue
        visit = visit_of(desk, play)
        same_day = known_path(play.dated.anchor).kind == "date" and abs(times[0] - known) < _ANOTHER_DAY
        told_of_it = run is None or _is_speaking(desk, run)
        still_ahead = told_of_it and play.dated.before is not None and times[0] > desk.now
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


def _is_speaking(desk: Desk, run: Run) -> bool:
    """Whether a message of a run is on its way, or waits: it would tell of the date before."""
    return any(one.run == run.key and one.does == "send_email" for one in desk.state.pending.values())


def _remember(desk: Desk, play: Play, anchor: datetime) -> None:
    visit, day = visit_of(desk, play), _day(desk, anchor)
    desk.note(e.AnchorMoved(at=desk.now, play=play.name, visit=visit, anchor=anchor, day=day, left_out=True))


def is_off(desk: Desk, dated: Dated) -> bool:
    """Whether the meeting or demo that a time is reckoned from will not be, or was called off."""
    part = dated.anchor.partition(".")[0]
    thing = getattr(desk.deal, part)
    if not isinstance(thing, Meeting):
        return False
    return thing.status != "booked" if dated.before else thing.status == "cancelled"


def dates_of(play: Play, step: Step) -> tuple[Dated, ...]:
    """The dates that a step, or the run it belongs to, is reckoned from."""
    return tuple(dated for dated in (play.dated, step.at) if dated is not None)
