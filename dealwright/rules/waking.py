"""When a deal wakes next and for what, and what its search attributes show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import TypeAlias

from dealwright.calendar.zones import zone_named
from dealwright.decision import Attributes
from dealwright.facts import FACTS
from dealwright.facts.things import moves_on_at
from dealwright.playbook.language.model import Playbook
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.next_step import agreed_until
from dealwright.state import DealState
from dealwright.values.times import in_full

Wake: TypeAlias = tuple[datetime, str]


def next_wake(context: DecisionContext) -> tuple[datetime | None, str]:
    """When the deal must be looked at again without a new fact, and what for."""
    if context.state.finished:
        return None, ""
    at, what = min(_wakes(context))
    at = max(at, context.now)  # what was left to the next decision is due at once
    local = at.astimezone(zone_named(context.calendar_for(context.deal.contact).timezone))
    return at, f"Waiting until {in_full(local)} {local.tzname()}: {what}"[:250]


def _wakes(context: DecisionContext) -> Iterator[Wake]:
    state = context.state
    if state.pause is not None:
        until = state.pause.until
        yield until or state.pause.review_at, "the pause ends" if until else "the pause is reviewed"
        return
    if state.stalls_at is not None:
        yield state.stalls_at, f"{state.stage} has taken long"
    yield from _known_days(context)
    for name, at in state.expected.items():
        yield at, f"{name} begins"
    for pending in state.pending.values():
        if pending.again_at is not None:
            yield pending.again_at, f"another attempt: {pending.label}"
    for run in state.runs.values():
        for planned in run.planned.values():
            yield planned.due_at, planned.label
    yield from _deadlines(state)


def _known_days(context: DecisionContext) -> Iterator[Wake]:
    state = context.state
    for table, focus in ((state.meetings, state.focus.get("meeting")), (state.demos, state.focus.get("demo"))):
        if (at := moves_on_at(table, focus, context.now)) is not None:
            yield at, "the next meeting counts"
    if (at := agreed_until(context)) is not None:
        yield at, "the day of the agreed next step is over"


def _deadlines(state: DealState) -> Iterator[Wake]:
    for task in state.tasks.values():
        yield task.due_at, f"{task.title} ({task.role}) is due"
        if task.on_list_at is not None:
            yield task.on_list_at, f"{task.role} is asked: {task.title}"
        if task.gates_until is not None:
            yield task.gates_until, f"the wait for this is over: {task.title}"
    for approval in state.approvals.values():
        yield approval.answer_by, f"approval {approval.name} ({approval.waits_for}) is due"
    for handoff in state.handoffs.values():
        if handoff.accept_by is not None:
            yield handoff.accept_by, f"handoff {handoff.name} ({handoff.to_role}) is due"


def quiet_facts(playbook: Playbook, stage: str | None) -> tuple[str, ...]:
    """Facts that need no decision now: nothing waits for them, and they teach nothing that rules look at."""
    return () if stage is None else _unheard(playbook.heard(stage))


@lru_cache(maxsize=1024)
def _unheard(heard: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in _TEACH_NOTHING if name not in heard)


_TEACH_NOTHING = tuple(name for name, fact in FACTS.items() if not fact.teaches and not fact.always_decided)


def attributes_of(state: DealState) -> dict[str, object]:
    """What the search attributes of a deal in this state show, by name."""
    deal = state.deal
    if deal is None:
        return {"DealOutcome": state.outcome, "NeedsAttention": bool(state.attention)}
    ends = deal.contract.ends_on if deal.contract else None
    return {
        "DealStage": state.stage,
        "DealOwner": state.owner_role,
        "DealAccount": deal.account.id if deal.account else None,
        "DealOutcome": state.outcome or "open",
        "DealPlaybook": state.playbook,
        "DealAmount": float(deal.amount.amount) if deal.amount else None,
        "DealCurrency": deal.amount.currency if deal.amount else None,
        "DealScore": deal.score,
        "DealHealth": deal.health,
        "StageEnteredAt": state.stage_entered_at,
        "RenewalAt": datetime.combine(ends, time(), UTC) if ends else None,
        "NeedsAttention": bool(state.attention),
    }


def changed(before: dict[str, object], after: dict[str, object]) -> Attributes | None:
    """The attributes that a decision changed; None when it changed none."""
    changes = {name: value for name, value in after.items() if value is not None and value != before.get(name)}
    unset = tuple(name for name, value in before.items() if value is not None and after.get(name) is None)
    return Attributes.model_validate({**changes, "unset": unset or None}) if changes or unset else None
