"""Deadlines of tasks, approvals and handoffs: missed ones are told to whoever is above, and set anew."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from deals import entries as e
from deals.durations import Span
from deals.rules.desk import Desk

_LONGEST_WAIT = 32


class Deadline(NamedTuple):
    """Something that somebody should do by a time."""

    at: datetime
    what: str
    id: str
    label: str
    role: str
    escalate: str | None
    missed: int


def deadlines(desk: Desk) -> list[Deadline]:
    """Every deadline that is running."""
    state, playbook = desk.state, desk.playbook
    found = [
        Deadline(t.due_at, "task", t.id, t.title, t.role, t.escalate or desk.boss_of(t.role), t.missed)
        for t in state.tasks.values()
    ]
    for one in state.approvals.values():
        rule = playbook.approval(one.name)
        escalate = (rule.escalate if rule else None) or desk.boss_of(one.waits_for)
        found.append(
            Deadline(one.answer_by, "approval", one.id, f"approval {one.name}", one.waits_for, escalate, one.missed)
        )
    for handoff in state.handoffs.values():
        if handoff.accept_by is not None:
            chain = playbook.handoff(handoff.name)
            escalate = (chain.escalate if chain else None) or desk.boss_of(handoff.to_role)
            label = f"handoff {handoff.name}"
            found.append(
                Deadline(handoff.accept_by, "handoff", handoff.id, label, handoff.to_role, escalate, handoff.missed)
            )
    return found


def miss_due(desk: Desk) -> bool:
    """Note the deadlines that went by and tell whoever is above. True when there were any."""
    due = sorted(each for each in deadlines(desk) if each.at <= desk.now)
    for missed in due:
        _miss(desk, missed)
    return bool(due)


def _miss(desk: Desk, missed: Deadline) -> None:
    wait = Span(amount=min(2**missed.missed, _LONGEST_WAIT), unit="bd")
    next_deadline = desk.calendar_of(missed.role).add(desk.now, wait)
    desk.note(
        e.DeadlineMissed(
            at=desk.now, what=missed.what, id=missed.id, label=missed.label, role=missed.role,
            escalated_to=missed.escalate, next_deadline=next_deadline,
        )
    )  # fmt: skip
    desk.happen(f"{missed.what}_overdue")
    head, _, occurrence = missed.id.rpartition("/")
    text = f"Overdue: {missed.label} ({missed.role}), deal {desk.deal.id}"
    desk.tell(missed.escalate or missed.role, text, f"{head}.overdue{missed.missed + 1}/{occurrence}")
