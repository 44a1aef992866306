"""Stages: entered, left, held by a gate, stalled; and the deal's end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright import entries as e
from dealwright.calendar.durations import TEN_YEARS, Span
from dealwright.deal import COMPLETED, EndReason
from dealwright.identity import run_key
from dealwright.playbook.language.conditions import Test
from dealwright.playbook.language.stages import Gate, Stage
from dealwright.rules import cool_off, documents, experiments, handoffs, reasons, suggestions
from dealwright.rules.approvals.asking import drop as drop_approval
from dealwright.rules.billing import keep_up
from dealwright.rules.crm import record
from dealwright.rules.dates import forget_date
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.plays import stop
from dealwright.rules.tasks import cancel_task

_STAND_AFTER_THE_END = {
    "close_task", "log_activity", "start_subscription", "change_subscription", "cancel_subscription", "stop_enrolment",
    "withdraw_document",
}  # fmt: skip
"""What was done is logged, tasks are taken off lists, contacts out of cadences and documents back, and what is billed
agrees with what was signed, also of a deal that is over: there, no longer wanted billing is ended once it is
known to be there."""


def enter(context: DecisionContext, stage: Stage, why: str, *, since: tuple[datetime, int] | None = None) -> None:
    """Enter a stage. What happened since then counts for the visit; without it, what happens from now on."""
    state = context.state
    visit = state.visit + 1
    since_at, since_number = since or (context.after_all_told, state.entries)
    context.note(
        e.StageEntered(
            at=context.now, stage=stage.name, visit=visit, why=why, owner_role=who_owns(context, stage),
            leaves_when=stage.leave_when.words() if stage.leave_when else "a person or a play says so",
            stalls_at=context.by_then(stage.owner, stage.stalls_after), marks=stage.marks,
            since_at=since_at, since_number=since_number,
        )
    )  # fmt: skip
    context.happen("entered", stage.name)
    context.dates_changed = context.crm.entered = True


def leave(context: DecisionContext, to: Stage, why: str, *, led_on: bool = False) -> None:
    """Leave the stage for another one (or the same one, anew).

    The next visit begins when that happened which is being taken in; with ``led_on`` that itself counts for it.
    """
    left = context.stage
    since = _begins(context, counts_itself=led_on)
    missing = missing_at(context, left.gate) if left.gate else ()
    runs = [run for run in context.state.runs.values() if not run.whole_deal]
    keys = {run.key for run in runs}
    skipped = tuple(t.title for t in context.state.tasks.values() if t.required and t.run in keys)
    for run in runs:
        forget_date(context, run)
        stop(context, run, f"left {left.name}", handoffs_too=False)
    context.note(
        e.StageLeft(
            at=context.now, stage=left.name, why=why, missing=missing, skipped_required=skipped, left_at=since[0]
        )
    )
    context.happen("left", left.name)
    enter(context, to, why, since=since)


def _begins(context: DecisionContext, *, counts_itself: bool) -> tuple[datetime, int]:
    """When a visit that begins in this decision begins: never before the one that it follows."""
    at, number = context.cause or (context.after_all_told, context.state.entries)
    caused = (at, number if counts_itself else context.state.entries)
    return max(caused, context.state.visit_since or caused)


def move_on(context: DecisionContext) -> bool:
    """Leave the stage when it is time to, or jump ahead. True when the deal moved."""
    held = False
    for ahead, fact in _jumps(context):
        if is_let_out(context, fact):
            leave(context, ahead, fact.replace("_", " ").replace(":", ": "), led_on=True)
            return True
        held = True
    if held:
        note_held(context)
    stage, state = context.stage, context.state
    if stage.leave_when is None or not experiments.holds(context, stage.leave_when, state.visit_since):
        return False
    following = context.playbook.stage(context.playbook.after(stage) or "")
    if following is None:
        return False
    if not is_let_out(context, None, jump=False):
        note_held(context)
        return False
    leave(context, following, stage.leave_when.words(), led_on=True)
    return True


def is_let_out(context: DecisionContext, by: str | None, *, jump: bool = True) -> bool:
    """Whether the stage's gate lets the deal out, ahead or on, by a fact or event or (None) by no single one."""
    gate = context.stage.gate
    return gate is None or not gate.holds(by, jump=jump) or not missing_at(context, gate)


def note_held(context: DecisionContext) -> None:
    """Write down what the stage's gate misses, if that is news."""
    gate = context.stage.gate
    if gate is not None and (missing := missing_at(context, gate)) != context.state.held_by:
        context.note(e.StageHeld(at=context.now, missing=missing))


def missing_at(context: DecisionContext, gate: Gate) -> tuple[str, ...]:
    """What a gate asks for and is not there, in the words that people read."""
    return tuple(unmet_at(context, gate))


def unmet_at(context: DecisionContext, gate: Gate) -> dict[str, Test]:
    """What a gate asks for and is not there: each condition by its words."""
    since = context.state.visit_since
    return {words: one for words, one in gate.require.items() if not experiments.holds(context, one, since)}


def stall(context: DecisionContext) -> bool:
    """Tell the owner's boss when the stage takes longer than it should. True when it did."""
    state = context.state
    if state.stalls_at is None or state.stalls_at > context.now:
        return False
    stage = context.stage
    role = context.boss_of(stage.owner) or stage.owner
    next_at = context.by_then(stage.owner, _longer(stage.stalls_after, state.stalls))
    context.note(e.Stalled(at=context.now, stage=stage.name, role=role, next_at=next_at))
    context.happen("stalled", stage.name)
    effect = context.id_for(run_key(f"stage-{stage.name}", state.visit, state.entries), "stalled")
    context.tell(
        role, f"Deal {context.deal.id} has been in {stage.name} since {state.stage_entered_at:%d %b %Y}.", effect
    )
    return True


def _longer(span: Span, times: int) -> Span:
    """A time that doubles with each notice after the first, up to 32 times as long."""
    return Span(amount=min(span.amount * 2 ** min(times, 5), TEN_YEARS[span.unit]), unit=span.unit)


def who_owns(context: DecisionContext, stage: Stage) -> str:
    """The stage's owner; while they have not accepted a handoff that fell back, whoever has the deal instead."""
    return next((one.held_by for one in context.state.fallen.values() if one.to_role == stage.owner), stage.owner)


def end(context: DecisionContext, outcome: str, reason: str, why: EndReason | None = None) -> None:
    """Close the deal: everything still open is called off. Of what nobody says of the reason, somebody is asked."""
    state = context.state
    because = f"the deal is {outcome}"
    for run in list(state.runs.values()):
        forget_date(context, run)
        stop(context, run, because)
    for handoff in list(state.handoffs.values()):
        handoffs.drop(context, handoff, because)
    for approval in list(state.approvals.values()):
        drop_approval(context, approval, because)
    for task in list(state.tasks.values()):
        cancel_task(context, task, because)
    suggestions.drop_all(context, because)
    for pending in [pending for pending in state.pending.values() if pending.does not in _STAND_AFTER_THE_END]:
        context.call_off(pending.effect, because)
    if outcome != COMPLETED:
        keep_up.drop_all(context, because)
        documents.recall_all(context, because)
    documents.take_back_recalled(context)
    record.close(context, outcome, reason)
    if why is None and state.told_reason is not None:
        why = state.told_reason[1]
    cool_off.after_end(context, outcome)
    said = why.changes() if why else {}
    context.note(e.DealClosed.model_validate({"at": context.now, "outcome": outcome, "reason": reason, **said}))
    reasons.ask_for_what_is_missing(context, outcome)


def _jumps(context: DecisionContext) -> Iterator[tuple[Stage, str]]:
    """The later stages that begin with something that happened, each with that, the furthest first.

    It counts if it was told in this visit, and happened since that stage was last left.
    """
    state = context.state
    happened, stage_since = state.happened, state.stage_since
    for stage, key in context.playbook.jumps(state.stage or ""):
        it = happened.get(key)
        if it is None or it.number <= stage_since:
            continue
        left = state.left.get(stage.name)
        if left is None or it.at > left:
            yield stage, key
