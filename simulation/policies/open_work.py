"""What people are asked in a deal, and have not answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dealwright.effects import EFFECT_KINDS
from dealwright.facts.things import booked_starts
from dealwright.state import DealState
from simulation.timeline.happening import Happening, Kind
from simulation.timeline.pattern import Pattern
from simulation.timeline.patterns import ApprovalPattern, HandoffPattern, TaskPattern

_LEADS_ON = frozenset(kind for kind, effect in EFFECT_KINDS.items() if effect.leads_on)
_EVER = datetime(1, 1, 1, tzinfo=UTC)


def has_next_step(state: DealState, now: datetime) -> bool:
    """Whether somebody has the next step: open work, a planned step, a play to come, a meeting, or an agreed day."""
    agreed = state.deal.next_step_on if state.deal is not None else None
    meetings = booked_starts(state.meetings, state.demos)
    return bool(
        state.tasks
        or state.approvals
        or state.handoffs
        or state.expected
        or any(run.planned for run in state.runs.values())
        or any(one.again_at or one.does in _LEADS_ON for one in state.pending.values())
        or (agreed is not None and agreed >= _day(now))
        or any(starts_at.date() >= _day(now) for starts_at in meetings)
    )


def is_open(pattern: Pattern, state: DealState) -> bool:
    """Whether what a pattern asks people for is asked already, and not answered."""
    match pattern:
        case TaskPattern():
            return any(_fits(pattern, "task", one.name, one.role) for one in state.tasks.values())
        case HandoffPattern():
            return any(_fits(pattern, "handoff", one.name, one.to_role) for one in state.handoffs.values())
        case ApprovalPattern():
            return any(_fits(pattern, "approval", one.name, None, one.chain) for one in state.approvals.values())
    return False


def _fits(pattern: Pattern, kind: Kind, name: str, to: str | None, asks: tuple[str, ...] = ()) -> bool:
    plays = pattern.model_copy(update={"play": ()})  # whichever play asked for it
    return plays.matches(Happening(_EVER, 0, kind, name, to=to, asks=asks))


def _day(now: datetime) -> date:
    return now.date() - timedelta(days=1)
