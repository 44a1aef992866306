"""Deadlines of tasks, approvals and handoffs: missed ones are told to whoever is above, and set anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.rules.decision_context import DecisionContext

_WAITS = tuple(Span(amount=days, unit="bd") for days in (1, 2, 4, 16, 64, 256))
"""How long the next deadline is, by the number of those that went by before. It grows fast:
whoever did not act on four notices does not act on forty, which only bury those of other deals."""


class Deadline(NamedTuple):
    """Something that somebody should have done by a time."""

    at: datetime
    what: str
    id: str
    label: str
    role: str
    escalate: str | None
    missed: int


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


def _miss_all(context: DecisionContext, deadlines: Iterable[Deadline]) -> bool:
    due = sorted(deadlines)
    for missed in due:
        _miss(context, missed)
    return bool(due)


def _due(context: DecisionContext) -> Iterator[Deadline]:
    state, playbook, now = context.state, context.playbook, context.now
    for task in state.tasks.values():
        if task.due_at <= now:
            escalate = task.escalate or context.boss_of(task.role)
            yield Deadline(task.due_at, "task", task.id, task.title, task.role, escalate, task.missed)
    for one in state.approvals.values():
        if one.answer_by <= now:
            rule, role = playbook.approval(one.name), one.waits_for
            escalate = (rule.escalate if rule else None) or context.boss_of(role)
            yield Deadline(one.answer_by, "approval", one.id, f"approval {one.name}", role, escalate, one.missed)
    for handoff in state.handoffs.values():
        if handoff.accept_by is not None and handoff.accept_by <= now:
            chain, role = playbook.handoff(handoff.name), handoff.to_role
            escalate = (chain.escalate if chain else None) or context.boss_of(role)
            label = f"handoff {handoff.name}"
            yield Deadline(handoff.accept_by, "handoff", handoff.id, label, role, escalate, handoff.missed)


def _miss(context: DecisionContext, missed: Deadline) -> None:
    wait = _WAITS[min(missed.missed, len(_WAITS) - 1)]
    next_deadline = context.calendar_of(missed.role).add(context.now, wait)
    context.note(
        e.DeadlineMissed(
            at=context.now, what=missed.what, id=missed.id, label=missed.label, role=missed.role,
            escalated_to=missed.escalate, next_deadline=next_deadline,
        )
    )  # fmt: skip
    context.happen(f"{missed.what}_overdue")
    head, _, occurrence = missed.id.rpartition("/")
    text = f"Overdue: {missed.label} ({missed.role}), deal {context.deal.id}"
    context.tell(missed.escalate or missed.role, text, f"{head}.overdue{missed.missed + 1}/{occurrence}")
