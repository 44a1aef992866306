"""Whether what a play would do is still wanted, and still true.

One test, asked when a step begins and again whenever it is taken up after waiting: for a cap, the contact's hours, an
absence, a mail server that was away. What it says is made from what is known then.
"""

from __future__ import annotations

from datetime import datetime

from dealwright.calendar.business_calendar import Calendar
from dealwright.contacts import seen_with
from dealwright.playbook.language.conditions import Test, opposite
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.subscriptions import asked_in
from dealwright.rules import experiments
from dealwright.rules.dates import dates_of, is_off
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import DealState, Run


def reason_against(context: DecisionContext, run: Run, play: Play, index: int, *, waited: bool = False) -> str | None:
    """Why a step of a run is not to be done, or not any more; None when it is.

    ``waited`` says that it was begun before and handed nothing over.
    """
    step, planned = play.actions[index], run.planned.get(index)
    seen = seen_with(context.state, run.contact)
    if step.if_ is not None and not holds_in(context, run, play, step.if_):
        return opposite(step.if_).words()
    if _is_done_for_its_date(context, run, (index, *play.branches.instead(index))) and not waited:
        return "it was done for this date before"
    late = planned is not None and planned.late
    if (why := _too_late(context, play, step, late=late, waited=waited)) is not None:
        return why
    put_off = waited or (planned is not None and planned.planned_at is not None and planned.planned_at < context.now)
    if step.is_touch and put_off:
        return _no_longer_so(context, seen, play, index) or _no_longer_instead(context, run, play, index)
    return None


def gives_way(context: DecisionContext, run: Run, play: Play, index: int) -> bool:
    """Whether a step that is left out gives way to what stands under its ``else``: its condition does not hold."""
    step = play.actions[index]
    if not step.otherwise or step.if_ is None or _is_done_for_its_date(context, run, (index,)):
        return False
    return not holds_in(context, run, play, step.if_)


def last_moment(context: DecisionContext, play: Play, step: Step, calendar: Calendar) -> datetime:
    """When a message may still leave: in the hours of whom it is for, and before the date that it is about."""
    closes = calendar.closes(context.now)
    ends = [times[0] for dated in dates_of(play, step) if dated.before and (times := context.time_of(dated))]
    return min((closes, *ends))


def holds_in(context: DecisionContext, run: Run | None, play: Play | None, condition: Test) -> bool:
    """Whether a step's condition holds for a run: of the tasks that its play asks for, those of the run count."""
    if run is None or play is None:
        return experiments.holds(context, condition, None, play=None, seen=context.state)
    seen, own = seen_with(context.state, run.contact), frozenset(f"task_done:{task}" for task in play.task_names)
    if run.done is not None and any(_of_task(key) in own for key in asked_in(condition)):
        others = {key: it for key, it in seen.happened.items() if _of_task(key) not in own}
        seen = seen.model_copy(update={"happened": {**others, **run.done}})
    return experiments.holds(context, condition, counts_from(run), play=play.name, seen=seen)


def _of_task(key: str) -> str:
    """The key of a task's being done, without its outcome."""
    return ":".join(key.split(":")[:2])


def counts_from(run: Run) -> tuple[datetime, int]:
    """From when on things count for a run: since that which started it happened."""
    return (run.since_at or run.trigger_at, run.since)


def _is_done_for_its_date(context: DecisionContext, run: Run, steps: tuple[int, ...]) -> bool:
    """Whether any of these steps was: for one date, a step and what comes instead of it are not both done."""
    if run.dated_by is None:
        return False
    return not set(steps).isdisjoint(context.state.dated_done.get(run.for_its_date, {}).get(run.dated_by, ()))


def _too_late(context: DecisionContext, play: Play, step: Step, *, late: bool, waited: bool) -> str | None:
    """A message about a date is not sent after it, nor late; what else is dated is done while its date is ahead."""
    if step.is_touch and step.at is not None and late and context.time_of(step.at) is not None:
        return "too late"
    if waited and step.is_touch and step.at is not None and context.time_of(step.at) is None:
        return "its date is known no longer"
    for dated in dates_of(play, step) if step.is_touch else (step.at,):
        if dated is None:
            continue
        if step.is_touch and is_off(context, dated):
            return f"the {dated.anchor.partition('.')[0]} it is about will not be, or is over"
        times = context.time_of(dated)
        if times is not None and dated.before and times[0] <= context.now:
            return "too late"
    return None


def _no_longer_so(context: DecisionContext, seen: DealState, play: Play, index: int) -> str | None:
    """What a message that was put off would say, and is not so any more: its play's condition held then."""
    begins = play.do or index == len(play.branches.before(index))
    if play.if_ is None or not begins:
        return None
    since = None if context.playbook.is_whole_deal(play.name) else context.state.visit_since
    return None if play.if_.test(seen, since, context.clock) else f"no longer: {play.if_.words()}"


def _no_longer_instead(context: DecisionContext, run: Run, play: Play, index: int) -> str | None:
    """What a message under ``else`` would say, and is not so any more, since it was put off: the ``if`` holds by now.

    Only of the first one, without a time of its own: what comes later goes by what was chosen.
    """
    step, owner = play.actions[index], play.branches[index].instead_of
    condition = play.actions[owner].if_ if owner is not None else None
    if owner is None or condition is None or step.after is not None or step.at is not None:
        return None
    first = play.do or index == owner + 1
    return f"by now: {condition.words()}" if first and holds_in(context, run, play, condition) else None
