"""Deadlines of tasks, approvals and handoffs: missed ones are told to whoever is above, and set anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.rules.approvals.asking import ask_stand_in
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.task_times import time_for
from dealwright.rules.tasks import pass_on, step_of
from dealwright.state import Task
from dealwright.waits import Wait, deadlines_of

_NEXT_DEADLINES = tuple(Span(amount=days, unit="bd") for days in (1, 2, 4, 16, 64, 256))
"""How long the next deadline is, by the number of those that went by before. It grows fast:
whoever did not act on four notices does not act on forty, which only bury those of other deals."""


def miss_due(context: DecisionContext) -> bool:
    """Note the deadlines that went by and tell whoever is above. True when there were any."""
    state = context.state
    if not (state.tasks or state.approvals or state.handoffs):
        return False
    return _miss_all(context, _due(context))


def miss_handoffs(context: DecisionContext) -> bool:
    """The same for handoffs and what they wait for. They come first: who owns a deal depends on them."""
    if not context.state.handoffs:
        return False
    about = set(context.state.handoffs)
    about |= {task.id for task in context.state.tasks.values() if task.settles in about}
    return _miss_all(context, (one for one in _due(context) if one.id in about))


def _miss_all(context: DecisionContext, deadlines: Iterable[Wait]) -> bool:
    due = sorted(deadlines, key=lambda wait: (wait.at, wait.kind, wait.id))
    for missed in due:
        _miss(context, missed)
    return bool(due)


def _due(context: DecisionContext) -> Iterator[Wait]:
    return deadlines_of(context.state, by=context.now)


def _miss(context: DecisionContext, missed: Wait) -> None:
    above, span = _above(context, missed), _NEXT_DEADLINES[min(missed.missed, len(_NEXT_DEADLINES) - 1)]
    label = missed.name if missed.kind == "task" else f"{missed.kind} {missed.name}"
    context.note(
        e.DeadlineMissed(
            at=context.now, what=missed.kind, id=missed.id, label=label, role=missed.who, escalated_to=above,
            next_deadline=context.calendar_of(missed.who).add(context.now, span),
        )
    )  # fmt: skip
    context.happen(f"{missed.kind}_overdue")
    head, _, occurrence = missed.id.rpartition("/")
    text = f"{'Still overdue' if missed.missed else 'Overdue'}: {label} ({missed.who})"
    number = context.state.entries  # it only grows: whoever is asked anew may have missed as many deadlines before
    context.tell(above or missed.who, text, f"{head}.overdue{number}/{occurrence}")
    if missed.kind == "task":
        _reassign(context, context.state.tasks[missed.id])
    elif missed.kind == "approval":
        ask_stand_in(context, context.state.approvals[missed.id], missed.who)


def _reassign(context: DecisionContext, task: Task) -> None:
    """Pass a task on where its step says so, once: whoever has it then keeps it."""
    step = step_of(context, task)
    if step is None or step.reassign is None or step.reassign == task.role:
        return
    run = context.state.runs[task.run or ""]
    pass_on(context, task, step.reassign, context.by_then(step.reassign, time_for(context, step, run)))


def _above(context: DecisionContext, missed: Wait) -> str | None:
    """Who is told: whom the task, or the playbook's rule for it, names; else whoever the role reports to."""
    if missed.kind == "task":
        named = context.state.tasks[missed.id].escalate
    else:
        rules = context.playbook.approval if missed.kind == "approval" else context.playbook.handoff
        rule = rules(missed.name)
        named = rule.escalate if rule else None
    return named or context.boss_of(missed.who)
