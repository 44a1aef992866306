"""A living deal has somebody's next step at every moment; where no play plans one, its owner is asked for it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.effects import EFFECT_KINDS
from dealwright.facts.things import booked_starts
from dealwright.identity import run_key
from dealwright.rules import replies
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import cancel_task, open_task, put_on_list
from dealwright.state import DealState, Task

TASK = "decide_next_step"
"""The task by which the owner is asked."""
_AT_FIRST, _LATER = Span.parse("1bd"), Span.parse("5bd")
"""By when; the second for whoever said just now that it is decided, without anything being planned."""
_KEEP_RECORDS = frozenset(kind for kind, effect in EFFECT_KINDS.items() if effect.keeps_records)
_LEAD_ON = frozenset(kind for kind, effect in EFFECT_KINDS.items() if effect.leads_on)
_GRACE = timedelta(minutes=15)
"""So long the question stands in the deal before it is put on the owner's list: facts often come one upon another."""


def ask_for_one(context: DecisionContext) -> bool:
    """Ask the owner what comes next, if nothing does; take the question back once something does."""
    asked = [task for task in context.state.tasks.values() if task.name == TASK]
    if _has_one(context):
        for task in asked:
            cancel_task(context, task, "something comes next")
        return bool(asked)
    if asked:
        return _put_on_list(context, asked)
    role = context.state.owner_role or context.stage.owner
    answered = context.state.happened.get(f"task_done:{TASK}")
    visit = context.state.visit_since
    again = answered is not None and visit is not None and answered.at >= visit[0]
    id_ = context.id_for(run_key("next-step", context.state.visit, context.state.entries), "task")
    title = f"Nothing is planned in {context.stage.name}: decide what comes next"
    opened = e.TaskOpened(
        at=context.now, task=id_, title=title, name=TASK, role=role, escalate=context.boss_of(role),
        due_at=context.by_then(role, _LATER if again else _AT_FIRST), on_list_at=context.now + _GRACE,
        reply=replies.to_read(context, None),
    )  # fmt: skip
    open_task(context, opened)
    return True


def _put_on_list(context: DecisionContext, asked: list[Task]) -> bool:
    due = [task for task in asked if task.on_list_at is not None and task.on_list_at <= context.now]
    for task in due:
        put_on_list(context, task)
    return bool(due)


def agreed_until(context: DecisionContext) -> datetime | None:
    """The end of the last day on which both sides agreed to go on, by a next step or a meeting; None once past."""
    zone = ZoneInfo(context.calendar_of_owner.timezone)
    meetings = booked_starts(context.state.meetings, context.state.demos)
    days = [starts_at.astimezone(zone).date() for starts_at in meetings]
    if context.deal.next_step_on is not None:
        days.append(context.deal.next_step_on)
    if not days:
        return None
    end = datetime.combine(max(days) + timedelta(days=1), time(), zone).astimezone(UTC)
    return end if end > context.now else None


def _has_one(context: DecisionContext) -> bool:
    state: DealState = context.state
    return (
        any(run.planned or run.gate for run in state.runs.values())
        or any(task.name != TASK for task in state.tasks.values())
        or bool(state.approvals or state.handoffs or state.expected)
        or any(one.stop is None for one in state.enrolments.values())
        or any(one.does not in _KEEP_RECORDS and one.again_at is not None for one in state.pending.values())
        or any(one.does in _LEAD_ON and not one.uncertain for one in state.pending.values())
        or agreed_until(context) is not None
    )
