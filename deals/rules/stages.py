"""Stages: entered, left, held by a gate, stalled; and the deal's end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from deals import entries as e
from deals.durations import TEN_YEARS, Span
from deals.effects import UpdateCrm
from deals.identity import run_key
from deals.playbook.parts import Gate, Stage
from deals.rules import approvals, handoffs
from deals.rules.dates import forget_date
from deals.rules.desk import Desk
from deals.rules.plays import stop
from deals.rules.tasks import cancel_task


def enter(desk: Desk, stage: Stage, why: str, *, since: tuple[datetime, int] | None = None) -> None:
    """Enter a stage. What happened since then counts for the visit; without it, what happens from now on."""
    state = desk.state
    visit = state.visit + 1
    since_at, since_number = since or (desk.now, state.entries)
    desk.note(
        e.StageEntered(
            at=desk.now, stage=stage.name, visit=visit, why=why, owner_role=_who_owns(desk, stage),
            leaves_when=stage.leave_when.words() if stage.leave_when else "a person or a play says so",
            stalls_at=desk.by_then(stage.owner, stage.stalls_after), marks=stage.marks,
            since_at=since_at, since_number=since_number,
        )
    )  # fmt: skip
    desk.happen("entered", stage.name)
    desk.dates_changed = True
    _show_in_crm(desk, run_key(f"stage-{stage.name}", visit, 1), outcome=stage.marks)


def leave(desk: Desk, to: Stage, why: str, *, led_on: bool = False) -> None:
    """Leave the stage for another one (or the same one, anew).

    The next visit begins when that happened which is being taken in; with ``led_on`` that itself counts for it.
    """
    left = desk.stage
    since = _begins(desk, counts_itself=led_on)
    missing = missing_at(desk, left.gate) if left.gate else ()
    runs = [run for run in desk.state.runs.values() if not run.whole_deal]
    keys = {run.key for run in runs}
    skipped = tuple(t.title for t in desk.state.tasks.values() if t.required and t.run in keys)
    for run in runs:
        forget_date(desk, run)
        stop(desk, run, f"left {left.name}", handoffs_too=False)
    desk.note(
        e.StageLeft(at=desk.now, stage=left.name, why=why, missing=missing, skipped_required=skipped, left_at=since[0])
    )
    desk.happen("left", left.name)
    enter(desk, to, why, since=since)


def _begins(desk: Desk, *, counts_itself: bool) -> tuple[datetime, int]:
    """When a visit that begins in this decision begins: never before the one that it follows."""
    if desk.cause is None:
        return desk.now, desk.state.entries
    at, number = desk.cause
    caused = (at, number if counts_itself else desk.state.entries)
    return max(caused, desk.state.visit_since or caused)


def move_on(desk: Desk) -> bool:
    """Leave the stage when it is time to, or jump ahead. True when the deal moved."""
    held = False
    for ahead, fact in _jumps(desk):
        if is_let_out(desk, fact):
            leave(desk, ahead, fact.replace("_", " ").replace(":", ": "), led_on=True)
            return True
        held = True
    if held:
        note_held(desk)
    stage, state = desk.stage, desk.state
    if stage.leave_when is None or not stage.leave_when.test(state, state.visit_since):
        return False
    following = desk.playbook.stage(desk.playbook.after(stage) or "")
    if following is None:
        return False
    if not is_let_out(desk, None):
        note_held(desk)
        return False
    leave(desk, following, stage.leave_when.words(), led_on=True)
    return True


def is_let_out(desk: Desk, by: str | None) -> bool:
    """Whether the stage's gate lets the deal out, by a fact or event or (None) by no single one."""
    gate = desk.stage.gate
    return gate is None or not gate.holds(by) or not missing_at(desk, gate)


def note_held(desk: Desk) -> None:
    """Write down what the stage's gate misses, if that is news."""
    gate = desk.stage.gate
    if gate is not None and (missing := missing_at(desk, gate)) != desk.state.held_by:
        desk.note(e.StageHeld(at=desk.now, missing=missing))


def missing_at(desk: Desk, gate: Gate) -> tuple[str, ...]:
    """What a gate asks for and is not there."""
    since = desk.state.visit_since
    return tuple(words for words, condition in gate.require.items() if not condition.test(desk.state, since))


def stall(desk: Desk) -> bool:
    """Tell the owner's boss when the stage takes longer than it should. True when it did."""
    state = desk.state
    if state.stalls_at is None or state.stalls_at > desk.now:
        return False
    stage = desk.stage
    role = desk.boss_of(stage.owner) or stage.owner
    next_at = desk.by_then(stage.owner, _longer(stage.stalls_after, state.stalls))
    desk.note(e.Stalled(at=desk.now, stage=stage.name, role=role, next_at=next_at))
    desk.happen("stalled", stage.name)
    effect = desk.id_for(run_key(f"stage-{stage.name}", state.visit, state.entries), "stalled")
    desk.tell(role, f"Deal {desk.deal.id} has been in {stage.name} since {state.stage_entered_at:%d %b %Y}.", effect)
    return True


def _longer(span: Span, times: int) -> Span:
    """A time that doubles with each notice after the first, up to 32 times as long."""
    return Span(amount=min(span.amount * 2 ** min(times, 5), TEN_YEARS[span.unit]), unit=span.unit)


def _who_owns(desk: Desk, stage: Stage) -> str:
    """The stage's owner; while they have not accepted a handoff that fell back, whoever has the deal instead."""
    return next((one.held_by for one in desk.state.fallen.values() if one.to_role == stage.owner), stage.owner)


def end(desk: Desk, outcome: str, reason: str) -> None:
    """Close the deal: everything still open is called off."""
    state = desk.state
    because = f"the deal is {outcome}"
    for run in list(state.runs.values()):
        forget_date(desk, run)
        stop(desk, run, because)
    for handoff in list(state.handoffs.values()):
        handoffs.drop(desk, handoff, because)
    for approval in list(state.approvals.values()):
        approvals.drop(desk, approval, because)
    for task in list(state.tasks.values()):
        cancel_task(desk, task, because)
    for pending in [pending for pending in state.pending.values() if pending.does != "close_task"]:
        desk.call_off(pending.effect, because)
    _show_in_crm(desk, run_key("deal-closed", state.visit, 1), outcome=outcome, note=reason)
    desk.note(e.DealClosed(at=desk.now, outcome=outcome, reason=reason))


def _jumps(desk: Desk) -> Iterator[tuple[Stage, str]]:
    """The later stages that begin with something that happened, each with that, the furthest first.

    It counts if it was told in this visit, and happened since that stage was last left.
    """
    state = desk.state
    happened, stage_since = state.happened, state.stage_since
    for stage, key in desk.playbook.jumps(state.stage or ""):
        it = happened.get(key)
        if it is None or it.number <= stage_since:
            continue
        left = state.left.get(stage.name)
        if left is None or it.at > left:
            yield stage, key


def _show_in_crm(desk: Desk, key: str, outcome: str | None = None, note: str | None = None) -> None:
    stage = desk.state.stage or ""
    desk.start(
        UpdateCrm(
            id=desk.id_for(key, "crm"), at=desk.now, summary=f"Show the stage in the CRM: {stage}", stage=stage,
            outcome=outcome or desk.state.outcome, amount=desk.deal.amount, note=note,
        )
    )  # fmt: skip
