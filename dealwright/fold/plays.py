"""Plays, their steps and effects."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.effects import SENT
from dealwright.fold import billing, crm, documents
from dealwright.fold.applying import (
    Apply,
    begin_to_tell_apart,
    change_run,
    happen,
    not_done_for_date,
    reach,
    reach_by_channel,
    touch,
)
from dealwright.identity import play_of
from dealwright.state import DealState, Pending, Run, Written

_DATES_KEPT = 20
"""Of the dates that a play was started for, those last ones of which is known what was done for them."""
_MARKETING_KEPT = 8
"""Of the plays that sent marketing, each to one address, the last ones."""
_TOUCHES_KEPT = 20
"""Of the messages to one address, the last ones, of which news may still come."""


def _play_started(state: DealState, entry: e.PlayStarted) -> None:
    state.occurrences[f"{entry.play}/{entry.visit}"] = entry.occurrence
    if entry.dated_by is not None:
        state.dated[entry.play] = entry.dated_by
    state.expected.pop(entry.play, None)
    if entry.crossing is not None:
        state.crossed[entry.crossing] = entry.whole_deal
    state.runs[entry.run] = Run(
        key=entry.run, play=entry.play, visit=entry.visit, occurrence=entry.occurrence, since=state.entries,
        trigger_at=entry.trigger_at, since_at=entry.since_at,
        trigger=entry.trigger, about=entry.about, whole_deal=entry.whole_deal, dated_by=entry.dated_by,
        planned={step.index: step for step in entry.planned}, contact=entry.contact, done={},
    )  # fmt: skip
    if entry.contact is not None:
        begin_to_tell_apart(state)
        state.begun_for[f"{entry.play} {entry.contact}"] = entry.caused_at


def _experiment_exposed(state: DealState, entry: e.ExperimentExposed) -> None:
    state.arms[entry.experiment] = entry.arm


def _step_planned(state: DealState, entry: e.StepPlanned) -> None:
    if run := state.runs.get(entry.run):
        change_run(state, run.key, planned={**run.planned, entry.planned.index: entry.planned})


def _step_done(state: DealState, entry: e.StepDone) -> None:
    _done_for_date(state, entry.run, entry.index)
    _take_step_off(state, entry.run, entry.index)


def _step_skipped(state: DealState, entry: e.StepSkipped) -> None:
    _take_step_off(state, entry.run, entry.index)
    if entry.otherwise and (run := state.runs.get(entry.run)):
        change_run(state, run.key, otherwise=(*run.otherwise, entry.index))
    state.skipped_required += entry.required


def _play_delayed(state: DealState, entry: e.PlayDelayed) -> None:
    if (run := state.runs.get(entry.run)) is None:
        return
    planned = {
        index: step
        if step.dated or step.due_at >= entry.until
        else step.model_copy(update={"due_at": entry.until, "planned_at": entry.at, "held_for": None})
        for index, step in run.planned.items()
    }
    change_run(state, entry.run, not_before=entry.until, planned=planned)


def _play_ended(state: DealState, entry: e.PlayEnded) -> None:
    state.runs.pop(entry.run, None)
    state.skipped_required += len(entry.skipped_required)


def _play_carried_over(state: DealState, entry: e.PlayCarriedOver) -> None:
    if (run := state.runs.get(entry.run)) is None:
        return
    change_run(
        state, entry.run, planned={step.index: step for step in entry.planned}, behind=entry.behind, gate=entry.gate,
        edition=entry.edition, whole_deal=entry.whole_deal, visit=entry.visit,
        otherwise=tuple(entry.steps[index] for index in run.otherwise if index in entry.steps),
    )  # fmt: skip
    _renumber_done(state, entry)
    _renumber_gates(state, entry)
    for id_, pending in state.pending.items():
        if pending.run == entry.run and pending.step is not None:
            again = pending.again and pending.again.model_copy(update={"step": entry.steps.get(pending.step)})
            state.pending[id_] = pending.model_copy(update={"step": entry.steps.get(pending.step), "again": again})
    for id_, approval in state.approvals.items():
        if approval.run == entry.run and approval.step is not None:
            state.approvals[id_] = approval.model_copy(update={"step": entry.steps.get(approval.step)})
    for id_, handoff in state.handoffs.items():
        if handoff.run == entry.run and handoff.step is not None:
            state.handoffs[id_] = handoff.model_copy(update={"step": entry.steps.get(handoff.step)})


def _renumber_gates(state: DealState, entry: e.PlayCarriedOver) -> None:
    """Tasks and enrolments belong to the same step under its new number; one of them may gate what comes next."""
    gate, until = entry.gate, entry.gates_until

    def changes(id_: str, step: int) -> dict[str, object]:
        gates = id_ == gate
        return {"step": entry.steps.get(step), "gates_next": gates, "gates_until": until if gates else None}

    for id_, task in state.tasks.items():
        if task.run == entry.run and task.step is not None:
            state.tasks[id_] = task.model_copy(update=changes(id_, task.step))
    for id_, enrolment in state.enrolments.items():
        if enrolment.run == entry.run and enrolment.step is not None:
            state.enrolments[id_] = enrolment.model_copy(update=changes(id_, enrolment.step))


def _play_set_aside(state: DealState, entry: e.PlaySetAside) -> None:
    if run := state.runs.get(entry.run):
        planned = {step.index: step for step in entry.planned}
        kept = run.model_copy(update={"planned": planned, "behind": entry.behind, "gate": None})
        state.set_aside[entry.run] = kept


def _play_taken_up(state: DealState, entry: e.PlayTakenUp) -> None:
    if run := state.set_aside.pop(entry.run, None):
        planned = {step.index: step for step in entry.planned}
        state.runs[entry.run] = run.model_copy(update={"planned": planned, "edition": run.edition + 1})


def _renumber_done(state: DealState, entry: e.PlayCarriedOver) -> None:
    key = state.runs[entry.run].for_its_date
    if known := state.dated_done.get(key):
        state.dated_done[key] = {
            anchor: tuple(entry.steps[step] for step in done if step in entry.steps) for anchor, done in known.items()
        }


def _condition_cleared(state: DealState, entry: e.ConditionCleared) -> None:
    for key in [key for key in state.crossed if key.startswith(f"{entry.play}/")]:
        del state.crossed[key]


def _wait_ended(state: DealState, entry: e.WaitEnded) -> None:
    change_run(state, entry.run, gate=None)
    if task := state.tasks.get(entry.task):
        state.tasks[entry.task] = task.model_copy(update={"gates_next": False, "gates_until": None})


def _play_expected(state: DealState, entry: e.PlayExpected) -> None:
    if entry.begins_at is None:
        state.expected.pop(entry.play, None)
    else:
        state.expected[entry.play] = entry.begins_at


def _anchor_moved(state: DealState, entry: e.AnchorMoved) -> None:
    if entry.anchor is None:
        state.dated.pop(entry.play, None)
        return
    state.dated[entry.play] = entry.anchor
    change_run(state, entry.run, dated_by=entry.anchor)


def _done_for_date(state: DealState, key: str | None, index: int | None) -> None:
    run = state.runs.get(key or "")
    if run is None or run.dated_by is None or index is None:
        return
    known = state.dated_done.get(run.for_its_date, {})
    others = {anchor: done for anchor, done in known.items() if anchor != run.dated_by}
    latest = dict(list(others.items())[1 - _DATES_KEPT :])
    state.dated_done[run.for_its_date] = {**latest, run.dated_by: (*known.get(run.dated_by, ()), index)}


def _take_step_off(state: DealState, key: str | None, index: int | None) -> None:
    if key is not None and index is not None and (run := state.runs.get(key)) and index in run.planned:
        left = {i: step for i, step in run.planned.items() if i != index}
        behind = (*run.behind, run.planned[index].name or str(index))
        state.runs[key] = run.model_copy(update={"planned": left, "behind": behind})


def _effect_started(state: DealState, entry: e.EffectStarted) -> None:
    before = state.pending.get(entry.effect)
    state.pending[entry.effect] = Pending(
        effect=entry.effect, does=entry.does, label=entry.label, run=entry.run, step=entry.step,
        marketing=entry.marketing, template=entry.template, contact=entry.contact, address=entry.address,
        started_at=entry.at, first_started_at=(before.first_started_at or before.started_at) if before else None,
    )  # fmt: skip
    crm.written(state, entry)
    documents.started(state, entry)
    _done_for_date(state, entry.run, entry.step)
    _take_step_off(state, entry.run, entry.step)
    if (task := state.tasks.get(entry.effect)) is not None:
        state.tasks[entry.effect] = task.model_copy(update={"on_list_at": None})
    if entry.marketing and entry.run is not None:
        _remember_marketing(state, f"{play_of(entry.run)} {entry.address or ''}", entry.at)


def _remember_marketing(state: DealState, key: str, at: datetime) -> None:
    state.marketing_at.pop(key, None)
    state.marketing_at[key] = at
    for old in list(state.marketing_at)[:-_MARKETING_KEPT]:
        del state.marketing_at[old]


def _effect_settled(state: DealState, entry: e.EffectSettled) -> None:
    pending = state.pending.get(entry.effect)
    if entry.status == "deferred" and entry.again_at is None and entry.does == "create_task":
        state.pending.pop(entry.effect, None)  # its step comes again
        return
    if entry.status in {"deferred", "not_done"}:
        if pending:
            state.pending[entry.effect] = pending.model_copy(
                update={"again_at": entry.again_at, "again": entry.again, "held_for": entry.held_for}
            )
        return
    crm.settled(state, entry)
    billing.settled(state, entry)
    documents.settled(state, entry)
    if entry.status == "uncertain":
        _leave_open(state, entry, pending)
        return
    state.pending.pop(entry.effect, None)
    if entry.status == "withdrawn" and pending and pending.run:
        not_done_for_date(state, pending.run, pending.step, pending.contact)
    if entry.status == "done" and pending:
        _write_to(state, pending, sent=entry.does in SENT)
    if entry.status == "done" and (sent := SENT.get(entry.does)) is not None:
        reach(state, pending.run if pending else None)
        state.touches_sent += 1
        touch(state, entry.at, by_person=False)
        whose = state.runs_for(pending) if pending else None
        if entry.does == "send_sms" and pending:
            reach_by_channel(state, "sms", pending.contact, entry.at)
        happen(state, sent, entry.at, pending.template if pending else None, contact=whose)
    if entry.status == "failed":
        happen(state, "effect_failed", entry.at)


def _leave_open(state: DealState, entry: e.EffectSettled, pending: Pending | None) -> None:
    """It is not known whether it was handed over: somebody finds out."""
    if pending:
        state.pending[entry.effect] = pending.model_copy(update={"uncertain": True, "again_at": None, "again": None})
        _write_to(state, pending, sent=False)
    happen(state, "touch_uncertain", entry.at)


def _write_to(state: DealState, pending: Pending, *, sent: bool) -> None:
    """Remember that a message went to an address, or may have, and for whom."""
    if pending.address is None or pending.contact is None:
        return
    at = pending.started_at
    before = state.written.get(pending.address) or Written(contact=pending.contact, first=at, last=at)
    changes: dict[str, object] = {
        "contact": pending.contact,
        "last": max(before.last, at),
        "touches": tuple(dict.fromkeys((*before.touches, pending.effect)))[-_TOUCHES_KEPT:],
    }
    if sent:
        changes["sent"] = pending.effect
        if before.wrote_at is None or before.wrote_at <= at:
            changes["message_id"] = None  # what they wrote before is behind us
    state.written[pending.address] = before.model_copy(update=changes)


APPLY: dict[str, Apply] = {
    "play_started": _play_started,
    "experiment_exposed": _experiment_exposed,
    "step_planned": _step_planned,
    "step_done": _step_done,
    "step_skipped": _step_skipped,
    "play_delayed": _play_delayed,
    "play_ended": _play_ended,
    "play_carried_over": _play_carried_over,
    "play_set_aside": _play_set_aside,
    "play_taken_up": _play_taken_up,
    "condition_cleared": _condition_cleared,
    "wait_ended": _wait_ended,
    "play_expected": _play_expected,
    "anchor_moved": _anchor_moved,
    "effect_started": _effect_started,
    "effect_settled": _effect_settled,
}
