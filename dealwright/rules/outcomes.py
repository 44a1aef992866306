"""Outcomes: what became of effects, and starting again what handed nothing over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from dealwright import consent
from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.decision import Received
from dealwright.effects import (
    EFFECT_KINDS,
    SENT,
    ChooseOwner,
    CreateTask,
    Effect,
    EnrolContact,
    HandOver,
    Message,
    Notify,
    Outcome,
    PostWebhook,
    RequestApproval,
    SendDocument,
    SendEmail,
    SendSms,
    StopEnrolment,
    UpdateCrm,
)
from dealwright.rules import absence, channels, documents, enrolments, reaching, routing
from dealwright.rules.actions import enrol
from dealwright.rules.actions.sending_again import send_again
from dealwright.rules.crm import activity_log, record
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.plays import is_wanted
from dealwright.rules.step_outcomes import settle_unwanted
from dealwright.rules.tasks import ask, cancel_task
from dealwright.state import Pending

_UNWANTED = "nothing was handed over, and it is no longer wanted"
_SOON = Span.parse("1bd")
_STOPS = "stop_enrolment"
_ONCE_OUT = "Take them out there, and complete this: until then no marketing of this deal goes to them."
_TELL_PEOPLE = frozenset(kind for kind, effect in EFFECT_KINDS.items() if effect.tells_people)
_AGAIN_AFTER = timedelta(minutes=15)
"""How long after a block of attempts that handed nothing over the next block begins (deal's time)."""


def settle_uncertain(context: DecisionContext, effect: str, status: str, reason: str) -> bool:
    """Say what became of an uncertain effect. False when it is not uncertain."""
    pending = context.state.pending.get(effect)
    if pending is None or not pending.uncertain:
        return False
    context.note(
        e.EffectSettled(
            at=context.now, effect=effect, does=pending.does, status=status, reason=reason, label=pending.label
        )
    )
    for task in [task for task in context.state.tasks.values() if task.settles == effect]:
        cancel_task(context, task, reason)
    context.settle_attention(f"effect:{effect}", reason)
    enrolments.settle(context, effect, status, reason)
    if pending.does == _STOPS:
        _hear_who_is_out(context, pending, status, reason)
    if (sent := SENT.get(pending.does)) is not None:
        if status == "done":
            activity_log.log_message(context, pending, None, None)
        event = sent if status == "done" else "step_skipped"
        context.happen(event, pending.template, contact=context.state.runs_for(pending))
    return True


def _hear_who_is_out(context: DecisionContext, pending: Pending, status: str, reason: str) -> None:
    """Somebody found out whether a contact was taken out of a cadence; whoever was not, is to be by hand."""
    if status == "done":
        enrolments.taken_out(context, pending.effect, reason)
    elif any(one.stop == pending.effect for one in context.state.enrolments.values()):
        owner = context.state.owner_role or context.stage.owner
        undone = Outcome(effect=pending.effect, kind=_STOPS, status="failed", reason=reason)
        _ask_about(context, undone, owner, f"Not done: {pending.label}", "mend_refused")


def take_outcome(context: DecisionContext, outcome: Outcome, effect: Effect | None) -> None:
    """Take in what became of an effect."""
    pending = context.state.pending.get(outcome.effect)
    if pending is None:
        return
    if outcome.status in {"not_done", "deferred"} and not is_wanted(context, pending, effect):
        settle_unwanted(context, pending, _UNWANTED)
        return
    if channels.hear_elsewhere(context, outcome, effect):
        return
    if isinstance(effect, SendSms) and outcome.refused_at is not None:
        reaching.remember_refusal(context, effect.to.id, effect.channel, outcome.refused_at)
    outcome, away = absence.hear_elsewhere(context, outcome, effect)
    again_at = _again_at(context, outcome, effect, absence.readers_of(context, pending))
    context.note(
        e.EffectSettled(
            at=context.now, effect=outcome.effect, does=outcome.kind, status=outcome.status, reason=outcome.reason,
            reference=outcome.reference, link=outcome.link, label=pending.label, again_at=again_at,
            again=_as_it_waits(effect) if again_at else None, held_for=away,
        )
    )  # fmt: skip
    _react(context, pending, outcome, effect)
    enrolments.settle(context, outcome.effect, outcome.status, outcome.reason)
    if isinstance(effect, EnrolContact) and outcome.status in {"done", "uncertain"}:
        enrolments.let_nobody_stay(context, effect)
    if isinstance(effect, StopEnrolment):
        enrolments.hear_of_stop(context, effect, outcome)
    if isinstance(effect, ChooseOwner):
        routing.take_choice(context, pending, outcome, effect)
    if context.state.finished:
        documents.take_back_recalled(context)  # it went out while the deal ended


def _react(context: DecisionContext, pending: Pending, outcome: Outcome, effect: Effect | None) -> None:
    point, owner = f"effect:{outcome.effect}", context.state.owner_role or context.stage.owner
    match outcome.status:
        case "not_done" if _lasts_too_long(context, pending):
            context.ask_attention(point, f"{pending.label}: nothing handed over yet ({outcome.reason})")
        case "not_done":
            pass
        case "failed":
            context.ask_attention(point, f"{pending.label} was refused: {outcome.reason}")
            _ask_about(context, outcome, owner, f"Refused for good: {pending.label}", "mend_refused")
            _let_plays_hear(context, outcome, "effect_failed")
        case "uncertain":
            context.ask_attention(point, f"{pending.label}: it is not known whether it went out")
            _ask_about(context, outcome, owner, f"Find out whether this went out: {pending.label}", "settle_uncertain")
            _let_plays_hear(context, outcome, "touch_uncertain")
        case "done":
            context.settle_attention(point, "handed over")
            _hear_of_message(context, pending, outcome, effect)
        case "deferred" if isinstance(effect, ChooseOwner):
            context.ask_attention(point, outcome.reason or f"{pending.label}: put off")
        case _:
            context.settle_attention(point, outcome.status)
            if outcome.status == "skipped":
                context.happen("step_skipped", pending.template, contact=context.state.runs_for(pending))


def _hear_of_message(context: DecisionContext, pending: Pending, outcome: Outcome, effect: Effect | None) -> None:
    if (sent := SENT.get(outcome.kind)) is not None:
        activity_log.log_message(context, pending, outcome, effect)
        context.happen(sent, pending.template, contact=context.state.runs_for(pending))


def _lasts_too_long(context: DecisionContext, pending: Pending) -> bool:
    """Whether somebody should know that an effect is not handed over yet. A tool may be away for a while."""
    if pending.does in SENT:
        return True
    since = pending.first_started_at or pending.started_at
    return context.now - since >= context.length(context.playbook.tool_outage)


def _let_plays_hear(context: DecisionContext, outcome: Outcome, event: str) -> None:
    if outcome.kind not in _TELL_PEOPLE:
        context.happen(event)


def _ask_about(context: DecisionContext, outcome: Outcome, role: str, title: str, name: str) -> None:
    """Ask a person, unless people could not be told: then only the deal's own list tells of it."""
    if outcome.kind in _TELL_PEOPLE:
        return
    head, _, occurrence = outcome.effect.rpartition("/")
    due, stops = context.by_then(role, _SOON), outcome.kind == _STOPS
    detail = " ".join(filter(None, (outcome.reason, _ONCE_OUT if stops and outcome.status == "failed" else None)))
    ask(
        context, f"{head}.{outcome.status}/{occurrence}", title[:200], role, due,
        name=name, settles=outcome.effect if stops or outcome.status == "uncertain" else None, detail=detail or None,
    )  # fmt: skip


def keep_undecided(context: DecisionContext, received: Received, why: str) -> None:
    """Keep what became of an effect when no rule holds on it. What handed nothing over is started again."""
    outcome, effect = received.outcome, received.effect
    pending = context.state.pending.get(outcome.effect) if outcome else None
    if outcome is None or pending is None:
        return
    nothing_yet = outcome.status in {"not_done", "deferred"}
    again_at = context.now + _AGAIN_AFTER if nothing_yet and effect else None
    context.note(
        e.EffectSettled(
            at=context.now, effect=outcome.effect, does=outcome.kind, status=outcome.status, reason=outcome.reason,
            reference=outcome.reference, link=outcome.link, label=pending.label, again_at=again_at,
            again=effect if again_at and not isinstance(effect, Message) else None,
        )
    )  # fmt: skip
    context.ask_attention(
        f"effect:{outcome.effect}", f"{pending.label}: {outcome.status.replace('_', ' ')}. {why}"[:300]
    )


def _again_at(
    context: DecisionContext, outcome: Outcome, effect: Effect | None, only: Collection[str] | None
) -> datetime | None:
    if effect is None or outcome.status not in {"not_done", "deferred"}:
        return None
    wanted = outcome.until if outcome.status == "deferred" and outcome.until else context.now + _AGAIN_AFTER
    earliest = max(wanted, context.now)
    if not isinstance(effect, SendEmail):
        return earliest
    contact = consent.expected_addressee(context.state, marketing=effect.marketing, only=only)
    return context.calendar_for(contact).next_open(earliest)


def _as_it_waits(effect: Effect | None) -> Effect | None:
    """An effect as it is kept until it is started again; messages are written anew."""
    if isinstance(effect, StopEnrolment):  # messages may wait for it by now
        return effect.model_copy(update={"needs_decision": True})
    return None if isinstance(effect, Message) else effect


def start_again(context: DecisionContext) -> bool:
    """Start the effects whose time for another block of attempts has come. True when there were any."""
    if not context.state.pending:
        return False
    due = [p for p in context.state.pending.values() if p.again_at is not None and p.again_at <= context.now]
    for pending in due:
        if context.is_full:
            break
        if pending.does in SENT:
            send_again(context, pending)
        elif pending.again is None or not is_wanted(context, pending, pending.again):
            settle_unwanted(context, pending, _UNWANTED)
        elif isinstance(pending.again, EnrolContact):
            enrol.try_again(context, pending, pending.again)
        elif isinstance(pending.again, UpdateCrm):
            record.write_again(context, pending.again)
        elif isinstance(pending.again, SendDocument) and documents.is_overtaken(context, pending.again):
            document = context.state.documents[pending.effect]
            documents.recall(context, document, "the deal's terms changed before it was sent", replaced=True)
        else:
            context.start(as_it_is_now(context, pending.again), again=True)
    return bool(due)


def as_it_is_now(context: DecisionContext, effect: Effect) -> Effect:
    """An effect that waited, for whom it is for now and with what is known now."""
    state, changes = context.state, dict[str, object](at=context.now)
    match effect:
        case CreateTask() if task := state.tasks.get(effect.task):
            changes |= {"owner": context.holder(task.role), "role": task.role, "due_at": task.due_at}
        case RequestApproval() if approval := state.approvals.get(effect.approval):
            changes |= {"owner": context.holder(effect.role), "answer_by": approval.answer_by, "terms": approval.terms}
        case HandOver() if handoff := state.handoffs.get(effect.handoff):
            notes = context.deal.notes or {}
            pieces = {piece: notes.get(piece, text) for piece, text in effect.pieces.items()}
            changes |= {"to": context.holder(handoff.to_role), "deal": context.deal, "pieces": pieces}
        case Notify():
            changes |= {"owner": context.holder(effect.role)}
        case SendDocument():
            changes |= {"to": consent.contact_of(state, effect.to.id) or effect.to, "deal": context.deal}
        case PostWebhook():
            changes |= {"deal": context.deal, "stage": state.stage or effect.stage}
        case ChooseOwner():
            return routing.as_it_is_now(context, effect)
    return effect.model_copy(update=changes)
