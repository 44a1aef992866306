"""A living deal has somebody's next step at every moment; where no play plans one, its owner is asked for it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deals.durations import Span
from deals.identity import run_key
from deals.rules.desk import Desk
from deals.rules.tasks import ask, cancel_task
from deals.state import DealState

TASK = "decide_next_step"
"""The task by which the owner is asked."""
_AT_FIRST, _LATER = Span.parse("1bd"), Span.parse("5bd")
"""By when; the second for whoever said just now that it is decided, without anything being planned."""


def ask_for_one(desk: Desk) -> bool:
    """Ask the owner what comes next, if nothing does; take the question back once something does."""
    asked = [task for task in desk.state.tasks.values() if task.name == TASK]
    if _has_one(desk):
        for task in asked:
            cancel_task(desk, task, "something comes next")
        return bool(asked)
    if asked:
        return False
    role = desk.state.owner_role or desk.stage.owner
    answered = desk.state.happened.get(f"task_done:{TASK}")
    visit = desk.state.visit_since
    again = answered is not None and visit is not None and answered.at >= visit[0]
    id_ = desk.id_for(run_key("next-step", desk.state.visit, desk.state.entries), "task")
    title = f"Nothing is planned in {desk.stage.name}: decide what comes next"
    ask(desk, id_, title, role, desk.by_then(role, _LATER if again else _AT_FIRST), name=TASK)
    return True


def agreed_until(desk: Desk) -> datetime | None:
    """The end of the day on which the next step was agreed to be, if that is ahead."""
    on = desk.deal.next_step_on
    if on is None:
        return None
    zone = ZoneInfo(desk.calendar_of(desk.state.owner_role or desk.stage.owner).timezone)
    end = datetime.combine(on + timedelta(days=1), time(), zone).astimezone(UTC)
    return end if end > desk.now else None


def _has_one(desk: Desk) -> bool:
    state: DealState = desk.state
    return (
        any(run.planned or run.gate for run in state.runs.values())
        or any(task.name != TASK for task in state.tasks.values())
        or bool(state.approvals or state.handoffs or state.expected)
        or any(one.does != "update_crm" and one.again_at is not None for one in state.pending.values())
        or agreed_until(desk) is not None
    )
