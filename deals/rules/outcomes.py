"""Outcomes: what became of effects, and starting again what handed nothing over."""

from __future__ import annotations

from datetime import datetime, timedelta

from deals import consent
from deals import entries as e
from deals.decision import Received
from deals.durations import Span
from deals.effects import (
    CreateTask,
    Effect,
    HandOver,
    Notify,
    Outcome,
    RequestApproval,
    SendEmail,
    UpdateCrm,
)
from deals.rules import absence
from deals.rules.desk import Desk
from deals.rules.messages import send_again, settle_unwanted
from deals.rules.plays import is_wanted
from deals.rules.tasks import ask, cancel_task

_UNWANTED = "nothing was handed over, and it is no longer wanted"
_SOON = Span.parse("1bd")
_TO_PEOPLE = {"create_task", "close_task", "notify"}
"""Effects by which people are told; when one goes wrong, telling them so by more of them could go on for ever."""
_AGAIN_AFTER = timedelta(minutes=15)
"""How long after a block of attempts that handed nothing over the next block begins (deal's time)."""


def settle_uncertain(desk: Desk, effect: str, status: str, reason: str) -> bool:
    """Say what became of an uncertain effect. False when it is not uncertain."""
    pending = desk.state.pending.get(effect)
    if pending is None or not pending.uncertain:
        return False
    desk.note(
        e.EffectSettled(
            at=desk.now, effect=effect, does=pending.does, status=status, reason=reason, label=pending.label
        )
    )
    for task in [task for task in desk.state.tasks.values() if task.settles == effect]:
        cancel_task(desk, task, reason)
    desk.settle_attention(f"effect:{effect}", reason)
    if pending.does == "send_email":
        desk.happen("email_sent" if status == "done" else "step_skipped", pending.template)
    return True


def take_outcome(desk: Desk, outcome: Outcome, effect: Effect | None) -> None:
    """Take in what became of an effect."""
    pending = desk.state.pending.get(outcome.effect)
    if pending is None:
        return
    if outcome.status in {"not_done", "deferred"} and not is_wanted(desk, pending, effect):
        settle_unwanted(desk, pending, _UNWANTED)
        return
    outcome, away = absence.hear_elsewhere(desk, outcome, effect)
    again_at = _again_at(desk, outcome, effect)
    desk.note(
        e.EffectSettled(
            at=desk.now, effect=outcome.effect, does=outcome.kind, status=outcome.status, reason=outcome.reason,
            reference=outcome.reference, label=pending.label, again_at=again_at,
            again=effect if again_at and not isinstance(effect, SendEmail) else None, held_for=away,
        )
    )  # fmt: skip
    point, owner = f"effect:{outcome.effect}", desk.state.owner_role or desk.stage.owner
    match outcome.status:
        case "not_done":
            desk.ask_attention(point, f"{pending.label}: nothing handed over yet ({outcome.reason})")
        case "failed":
            desk.ask_attention(point, f"{pending.label} was refused: {outcome.reason}")
            _ask_about(desk, outcome, owner, f"Refused for good: {pending.label}", "mend_refused")
            _let_plays_hear(desk, outcome, "effect_failed")
        case "uncertain":
            desk.ask_attention(point, f"{pending.label}: it is not known whether it went out")
            _ask_about(desk, outcome, owner, f"Find out whether this went out: {pending.label}", "settle_uncertain")
            _let_plays_hear(desk, outcome, "touch_uncertain")
        case "done":
            desk.settle_attention(point, "handed over")
            if outcome.kind == "send_email":
                desk.happen("email_sent", pending.template)
        case _:
            desk.settle_attention(point, outcome.status)
            if outcome.status == "skipped":
                desk.happen("step_skipped", pending.template)


def _let_plays_hear(desk: Desk, outcome: Outcome, event: str) -> None:
    if outcome.kind not in _TO_PEOPLE:
        desk.happen(event)


def _ask_about(desk: Desk, outcome: Outcome, role: str, title: str, name: str) -> None:
    """Ask a person, unless people could not be told: then only the deal's own list tells of it."""
    if outcome.kind in _TO_PEOPLE:
        return
    head, _, occurrence = outcome.effect.rpartition("/")
    due = desk.by_then(role, _SOON)
    ask(
        desk, f"{head}.{outcome.status}/{occurrence}", title[:200], role, due,
        name=name, settles=outcome.effect if outcome.status == "uncertain" else None, detail=outcome.reason,
    )  # fmt: skip


def keep_undecided(desk: Desk, received: Received, why: str) -> None:
    """Keep what became of an effect when no rule holds on it. What handed nothing over is started again."""
    outcome, effect = received.outcome, received.effect
    pending = desk.state.pending.get(outcome.effect) if outcome else None
    if outcome is None or pending is None:
        return
    nothing_yet = outcome.status in {"not_done", "deferred"}
    again_at = desk.now + _AGAIN_AFTER if nothing_yet and effect else None
    desk.note(
        e.EffectSettled(
            at=desk.now, effect=outcome.effect, does=outcome.kind, status=outcome.status, reason=outcome.reason,
            reference=outcome.reference, label=pending.label, again_at=again_at,
            again=effect if again_at and not isinstance(effect, SendEmail) else None,
        )
    )  # fmt: skip
    desk.ask_attention(f"effect:{outcome.effect}", f"{pending.label}: {outcome.status.replace('_', ' ')}. {why}"[:300])


def _again_at(desk: Desk, outcome: Outcome, effect: Effect | None) -> datetime | None:
    if effect is None or outcome.status not in {"not_done", "deferred"}:
        return None
    wanted = outcome.until if outcome.status == "deferred" and outcome.until else desk.now + _AGAIN_AFTER
    earliest = max(wanted, desk.now)
    if not isinstance(effect, SendEmail):
        return earliest
    contact = consent.expected_addressee(desk.state, marketing=effect.marketing)
    return desk.calendar_for(contact).next_open(earliest)


def start_again(desk: Desk) -> bool:
    """Start the effects whose time for another block of attempts has come. True when there were any."""
    if not desk.state.pending:
        return False
    due = [p for p in desk.state.pending.values() if p.again_at is not None and p.again_at <= desk.now]
    for pending in due:
        if desk.is_full:
            break
        if pending.does == "send_email":
            send_again(desk, pending)
        elif pending.again is None or not is_wanted(desk, pending, pending.again):
            settle_unwanted(desk, pending, _UNWANTED)
        else:
            desk.start(as_it_is_now(desk, pending.again), again=True)
    return bool(due)


def as_it_is_now(desk: Desk, effect: Effect) -> Effect:
    """An effect that waited, for whom it is for now and with what is known now."""
    state, changes = desk.state, dict[str, object](at=desk.now)
    match effect:
        case CreateTask() if task := state.tasks.get(effect.task):
            changes |= {"owner": desk.holder(task.role), "role": task.role, "due_at": task.due_at}
        case RequestApproval() if approval := state.approvals.get(effect.approval):
            changes |= {"owner": desk.holder(effect.role), "answer_by": approval.answer_by, "terms": approval.terms}
        case HandOver() if handoff := state.handoffs.get(effect.handoff):
            notes = desk.deal.notes or {}
            pieces = {piece: notes.get(piece, text) for piece, text in effect.pieces.items()}
            changes |= {"to": desk.holder(handoff.to_role), "deal": desk.deal, "pieces": pieces}
        case UpdateCrm():
            outcome = state.outcome or effect.outcome
            changes |= {"stage": state.stage or effect.stage, "outcome": outcome, "amount": desk.deal.amount}
        case Notify():
            changes |= {"owner": desk.holder(effect.role)}
    return effect.model_copy(update=changes)
