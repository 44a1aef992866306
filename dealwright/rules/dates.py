"""Dates: the plays that begin by one, as dates become known and go by. What moves with a date: ``moved_dates``."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.calendar.zones import zone_named
from dealwright.deal import Meeting
from dealwright.facts import FACTS, AboutThing
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.step import Step
from dealwright.rules import past_ends
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.play_ends import is_over
from dealwright.rules.plays import Cause, begin, stop, visit_of
from dealwright.state import Run
from dealwright.values.times import day_of


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
        if stops and (anchor := _would_have_ended(context, play)) is not None:
            _remember(context, play, anchor, f"its time was over before {fact.replace('_', ' ')} was taken back")
        elif stops and play.name in state.dated and not any(run.play == play.name for run in state.runs.values()):
            _wait_for_date(context, play, None)
    context.dates_changed = True


def _would_have_ended(context: DecisionContext, play: Play) -> datetime | None:
    """The date by which a play would have ended the deal by now; None for one that did, or is still to come.

    A customer who has been one all the time is not gone by a correction: somebody says what becomes of them.
    """
    times = context.time_of(play.dated) if play.dated and not play.dated.before else None
    if times is None or not past_ends.would_have_ended(context, play, context.calendar_of_owner.next_open(times[1])):
        return None
    return times[0]


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
    paused = context.paused_since is not None and at >= context.paused_since
    at = context.now if paused else at  # none of the times that its steps give has begun
    about = thing_of(context, play.dated) if play.dated else None
    return Cause(_because(context, play, anchor), at, known_since(context, path), about=about, anchor=anchor)


def thing_of(context: DecisionContext, dated: Dated) -> str | None:
    """The meeting, demo, proposal or term whose date it is."""
    part = dated.anchor.partition(".")[0]
    key = context.state.focus.get(part)
    return None if key is None else f"{part}/{key}"


def known_since(context: DecisionContext, path: str) -> tuple[datetime, int] | None:
    """When a date became known or was last moved; None when it always was."""
    known = context.state.dates_known.get(path)
    return None if known is None else (known.at, known.number)


def _because(context: DecisionContext, play: Play, anchor: datetime) -> str:
    ahead = play.dated is not None and play.dated.before
    return f"{day_where_owner_is(context, anchor)} is {'near' if ahead else 'past'}"


def day_where_owner_is(context: DecisionContext, anchor: datetime) -> str:
    """The day of an anchor, where the deal's owner is."""
    zone = zone_named(context.calendar_of_owner.timezone)
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
        if is_over(context, play, known_since(context, play.dated.anchor), thing_of(context, play.dated)):
            continue
        owner = context.calendar_of_owner
        found.append((play, times[0], owner.next_open(times[1])))
    return found


def _remember(context: DecisionContext, play: Play, anchor: datetime, why: str | None = None) -> None:
    visit, day = visit_of(context, play), day_where_owner_is(context, anchor)
    context.note(
        e.AnchorMoved(at=context.now, play=play.name, visit=visit, anchor=anchor, day=day, left_out=True, why=why)
    )


def is_off(context: DecisionContext, dated: Dated) -> bool:
    """Whether the meeting or demo that a time is reckoned from will not be, or was called off."""
    part = dated.anchor.partition(".")[0]
    thing = getattr(context.deal, part, None)
    if not isinstance(thing, Meeting):
        return False
    return thing.status != "booked" if dated.before else thing.status == "cancelled"


def dates_of(play: Play, step: Step) -> tuple[Dated, ...]:
    """The dates that a step, or the run it belongs to, is reckoned from."""
    return tuple(dated for dated in (play.dated, step.at) if dated is not None)
