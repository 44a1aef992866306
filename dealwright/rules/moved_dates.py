"""Dates that moved: the plays, steps and tasks that are reckoned from them follow, and messages are called off."""

from __future__ import annotations

from datetime import timedelta

from dealwright import entries as e
from dealwright.effects import SENT
from dealwright.playbook.language.dates import Dated
from dealwright.rules.dates import dates_of, day_where_owner_is, forget_date, is_off, known_since
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import plan
from dealwright.rules.plays import stop, visit_of
from dealwright.rules.tasks import ask_anew, step_of
from dealwright.state import Pending, Run, Task

MOVED = "moved:"
"""The point of attention when a message told of a date that was moved while it was on its way."""
_ANOTHER_DAY = timedelta(hours=20)
"""A day that begins at another time by less than this is the same one, in the zone of another owner."""
_WORTH_ASKING_ANEW = timedelta(hours=12)
"""A deadline that moves by less stays on people's lists as it is."""


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
            moved = plan(context, play, index, run.trigger_at, run.contact)
            if (moved.due_at, moved.late) != (planned.due_at, planned.late):
                context.note(e.StepPlanned(at=context.now, run=run.key, planned=moved, why="the date moved"))

    for task in [task for task in context.state.tasks.values() if task.dated and context.state.pause is None]:
        _redate_task(context, task)


def _call_off_messages(context: DecisionContext) -> None:
    """Call off the messages on their way about what is over, moved or called off."""
    for pending in [one for one in context.state.pending.values() if one.does in SENT]:
        run = context.state.runs.get(pending.run or "")
        play = context.playbook.play(run.play) if run else None
        if play is None or pending.step is None or pending.step >= len(play.actions):
            continue
        step = play.actions[pending.step]
        if any(is_off(context, dated) or _is_past(context, dated) for dated in dates_of(play, step)):
            context.call_off(pending.effect, "what it is about is over or called off")
        elif pending.again_at is None and step.at is not None and _has_moved(context, pending, step.at):
            context.call_off(pending.effect, "the date that it tells of moved")
            text = f"The date moved that {pending.label!r} tells of, while it was on its way: tell them of the new one"
            context.ask_attention(f"{MOVED}{play.name}", text)


def _is_past(context: DecisionContext, dated: Dated) -> bool:
    """Whether what was still to come when a message was written was put at a time that is past by now."""
    times = context.time_of(dated) if dated.before else None
    return times is not None and times[0] <= context.now


def _has_moved(context: DecisionContext, pending: Pending, dated: Dated) -> bool:
    """Whether a date was moved in this decision, after a message that is reckoned from it was written."""
    known = known_since(context, dated.anchor)
    ours = (one for one in context.entries if isinstance(one, e.EffectStarted) and one.effect == pending.effect)
    written = next((one.number or 0 for one in ours), (context.entries[0].number or 1) - 1)
    return known is not None and known[1] > written


def _redate_task(context: DecisionContext, task: Task) -> None:
    step = step_of(context, task)
    times = context.time_of(step.due) if step is not None and isinstance(step.due, Dated) else None
    if times and times[1] > context.now and abs(times[1] - task.due_at) >= _WORTH_ASKING_ANEW:
        ask_anew(context, task, times[1])


def _redate_plays(context: DecisionContext) -> None:
    state = context.state
    for play in context.playbook.dated_plays(state.stage or ""):
        known = state.dated.get(play.name)
        if play.dated is None or known is None:
            continue
        times = context.time_of(play.dated)
        runs = [run for run in state.runs.values() if run.play == play.name]
        for run in runs if times is None else ():
            forget_date(context, run)
            stop(context, run, "its date is known no longer")
        if times is None or times[0] == known:
            continue
        visit = visit_of(context, play)
        same_day = context.playbook.path(play.dated.anchor).kind == "date" and abs(times[0] - known) < _ANOTHER_DAY
        told_of_it = not runs or any(_is_speaking(context, run) for run in runs)
        still_ahead = told_of_it and play.dated.before is not None and times[0] > context.now
        begins_at = context.calendar_of_owner.next_open(times[1])
        ahead = not same_day and (begins_at > context.now or still_ahead)
        for run in runs if ahead else ():
            stop(context, run, "its date moved")
        for key in tuple[str | None, ...](run.key for run in runs) or (None,):
            context.note(
                e.AnchorMoved(
                    at=context.now,
                    play=play.name,
                    visit=visit,
                    run=key,
                    anchor=None if ahead else times[0],
                    day=day_where_owner_is(context, times[0]),
                )
            )


def _is_speaking(context: DecisionContext, run: Run) -> bool:
    """Whether a message of a run is on its way, or waits: it would tell of the date before."""
    return any(one.run == run.key and one.does in SENT for one in context.state.pending.values())
