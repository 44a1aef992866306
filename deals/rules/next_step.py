"""A living deal has somebody's next step at every moment; where no play plans one, its owner is asked for it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deals import entries as e
from deals.durations import Span
from deals.identity import run_key
from deals.rules.desk import Desk
from deals.rules.tasks import cancel_task, open_task, put_on_list
from deals.state import DealState, Task

TASK = "decide_next_step"
"""The task by which the owner is asked."""
_AT_FIRST, _LATER = Span.parse("1bd"), Span.parse("5bd")
"""By when; the second for whoever said just now that it is decided, without anything being planned."""
_GRACE = timedelta(minutes=15)
"""So long the question stands in the deal before it is put on the owner's list: facts often come one upon another."""


def ask_for_one(desk: Desk) -> bool:
    """Ask the owner what comes next, if nothing does; take the question back once something does."""
    asked = [task for task in desk.state.tasks.values() if task.name == TASK]
    if _has_one(desk):
        for task in asked:
            cancel_task(desk, task, "something comes next")
        return bool(asked)
    if asked:
        return _put_on_list(desk, asked)
    role = desk.state.owner_role or desk.stage.owner
    answered = desk.state.happened.get(f"task_done:{TASK}")
    visit = desk.state.visit_since
    again = answered is not None and visit is not None and answered.at >= visit[0]
    id_ = desk.id_for(run_key("next-step", desk.state.visit, desk.state.entries), "task")
    title = f"Nothing is planned in {desk.stage.name}: decide what comes next"
    opened = e.TaskOpened(
        at=desk.now, task=id_, title=title, name=TASK, role=role, escalate=desk.boss_of(role),
        due_at=desk.by_then(role, _LATER if again else _AT_FIRST), on_list_at=desk.now + _GRACE,
    )  # fmt: skip
    open_task(desk, opened)
    return True


def _put_on_list(desk: Desk, asked: list[Task]) -> bool:
    due = [task for task in asked if task.on_list_at is not None and task.on_list_at <= desk.now]
    for task in due:
        put_on_list(desk, task)
    return bool(due)


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
