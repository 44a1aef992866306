"""The fold: how a deal's entries become its state.

It is replayed for as long as a deal lives, so it is dumb on purpose: it writes down what an entry says and works
nothing out. It is total: an entry that it does not know changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from deals import entries as e
from deals.deal import Known
from deals.recorded import Recorded
from deals.state import Approval, DealState, Handoff, Happened, Pause, Pending, Run, Task

Waiting = TypeVar("Waiting", bound=Recorded)


def fold(state: DealState, entry: e.Entry) -> e.Entry:
    """Write an entry down in the state, and return it with its number."""
    state.entries += 1
    numbered = entry if entry.number == state.entries else entry.model_copy(update={"number": state.entries})
    if writer := _WRITERS.get(getattr(entry, "kind", "")):
        writer(state, numbered)
    return numbered


def _happen(state: DealState, name: str, at: datetime, variant: str | None = None) -> None:
    state.happened[name] = happened = Happened(number=state.entries, at=at)
    if variant is not None:
        state.happened[f"{name}:{variant}"] = happened


def _learn(state: DealState, learned: Known | None) -> None:
    if learned is not None and state.deal is not None:
        state.deal = state.deal.knowing(learned)


def _deal_opened(state: DealState, entry: e.DealOpened) -> None:
    state.deal, state.playbook, state.bundle, state.opened_at = (
        entry.deal,
        entry.playbook,
        entry.bundle,
        entry.at,
    )


def _deal_refused(state: DealState, entry: e.DealRefused) -> None:
    state.outcome, state.closed_at = "refused", entry.at


def _playbook_adopted(state: DealState, entry: e.PlaybookAdopted) -> None:
    state.playbook, state.bundle = entry.playbook, entry.bundle


def _fact_taken(state: DealState, entry: e.FactTaken) -> None:
    _happen(state, entry.fact, entry.happened_at, entry.variant)
    _learn(state, entry.learned)
    silences = {"opted_out": "opted out", "email_bounced": "the address bounced"}
    if reason := silences.get(entry.fact):
        contact = entry.contact or (state.deal.contact.id if state.deal and state.deal.contact else None)
        if contact and entry.variant != "soft":
            state.silenced[contact] = reason


def _fact_refused(state: DealState, entry: e.FactRefused) -> None:
    state.attention[f"fact:{entry.fact[:60]}"] = entry.sentence()[:300]


def _stage_entered(state: DealState, entry: e.StageEntered) -> None:
    state.stage, state.visit, state.owner_role = entry.stage, entry.visit, entry.owner_role
    state.stage_entered_at, state.stage_since = entry.at, state.entries
    state.leaves_when, state.stalls_at, state.held_by = entry.leaves_when, entry.stalls_at, ()
    _happen(state, "entered", entry.at, entry.stage)
    if entry.marks:
        state.outcome = entry.marks


def _stage_left(state: DealState, entry: e.StageLeft) -> None:
    state.left[entry.stage] = state.entries
    state.skipped_required += len(entry.skipped_required)
    _happen(state, "left", entry.at, entry.stage)


def _stage_held(state: DealState, entry: e.StageHeld) -> None:
    state.held_by = entry.missing


def _play_started(state: DealState, entry: e.PlayStarted) -> None:
    state.occurrences[f"{entry.play}/{entry.visit}"] = entry.occurrence
    if entry.dated_by is not None:
        state.dated[f"{entry.play}/{entry.visit}"] = entry.dated_by
    state.expected.pop(entry.play, None)
    state.runs[entry.run] = Run(
        key=entry.run, play=entry.play, visit=entry.visit, occurrence=entry.occurrence, since=state.entries,
        trigger_at=entry.trigger_at, whole_deal=entry.whole_deal, dated_by=entry.dated_by,
        planned={step.index: step for step in entry.planned},
    )  # fmt: skip


def _change_run(state: DealState, key: str | None, **changes: Any) -> None:  # noqa: ANN401 - fields of Run
    if key is not None and (run := state.runs.get(key)):
        state.runs[key] = run.model_copy(update=changes)


def _take_step_off(state: DealState, key: str | None, index: int | None) -> None:
    if key is not None and index is not None and (run := state.runs.get(key)) and index in run.planned:
        left = {i: step for i, step in run.planned.items() if i != index}
        state.runs[key] = run.model_copy(update={"planned": left})


def _step_planned(state: DealState, entry: e.StepPlanned) -> None:
    if run := state.runs.get(entry.run):
        _change_run(state, run.key, planned={**run.planned, entry.planned.index: entry.planned})


def _step_done(state: DealState, entry: e.StepDone) -> None:
    _take_step_off(state, entry.run, entry.index)


def _step_skipped(state: DealState, entry: e.StepSkipped) -> None:
    _take_step_off(state, entry.run, entry.index)
    state.skipped_required += entry.required


def _play_ended(state: DealState, entry: e.PlayEnded) -> None:
    state.runs.pop(entry.run, None)
    state.skipped_required += len(entry.skipped_required)


def _play_expected(state: DealState, entry: e.PlayExpected) -> None:
    if entry.begins_at is None:
        state.expected.pop(entry.play, None)
    else:
        state.expected[entry.play] = entry.begins_at


def _anchor_moved(state: DealState, entry: e.AnchorMoved) -> None:
    key = f"{entry.play}/{entry.visit}"
    if entry.anchor is None:
        state.dated.pop(key, None)
        return
    state.dated[key] = entry.anchor
    _change_run(state, entry.run, dated_by=entry.anchor)


def _effect_started(state: DealState, entry: e.EffectStarted) -> None:
    state.pending[entry.effect] = Pending(
        effect=entry.effect, does=entry.does, label=entry.label, run=entry.run, step=entry.step,
        marketing=entry.marketing, template=entry.template, started_at=entry.at,
    )  # fmt: skip
    _take_step_off(state, entry.run, entry.step)


def _effect_settled(state: DealState, entry: e.EffectSettled) -> None:
    pending = state.pending.get(entry.effect)
    if entry.status in {"deferred", "not_done"}:
        if pending:
            state.pending[entry.effect] = pending.model_copy(update={"again_at": entry.again_at, "again": entry.again})
        return
    if entry.status == "uncertain":
        if pending:
            state.pending[entry.effect] = pending.model_copy(
                update={"uncertain": True, "again_at": None, "again": None}
            )
        _happen(state, "touch_uncertain", entry.at)
        return
    state.pending.pop(entry.effect, None)
    if entry.status == "done" and entry.does == "send_email":
        state.last_touch, state.touches_sent = entry.effect, state.touches_sent + 1
        _happen(state, "email_sent", entry.at, pending.template if pending else None)
    if entry.status == "failed":
        _happen(state, "effect_failed", entry.at)


def _task_opened(state: DealState, entry: e.TaskOpened) -> None:
    state.tasks[entry.task] = Task(
        id=entry.task, name=entry.name, title=entry.title, role=entry.role, due_at=entry.due_at,
        escalate=entry.escalate, required=entry.required, run=entry.run, step=entry.step,
        gates_next=entry.gates_next, settles=entry.settles, visit=state.visit, asked_at=entry.at, dated=entry.dated,
    )  # fmt: skip
    if entry.gates_next:
        _change_run(state, entry.run, gate=entry.task)


def _task_closed(state: DealState, entry: e.TaskClosed) -> None:
    task = state.tasks.pop(entry.task, None)
    _learn(state, entry.learned)
    if task is None:
        return
    if entry.how == "done":
        state.done[task.name] = task.visit
        _happen(state, "task_done", entry.at, task.name)
    if task.gates_next:
        _change_run(state, task.run, gate=None)


def _deadline_missed(state: DealState, entry: e.DeadlineMissed) -> None:
    if entry.what == "task" and (task := state.tasks.get(entry.id)):
        state.tasks[entry.id] = task.model_copy(update={"missed": task.missed + 1, "due_at": entry.next_deadline})
    elif entry.what == "approval" and (approval := state.approvals.get(entry.id)):
        changes = {"missed": approval.missed + 1, "answer_by": entry.next_deadline}
        state.approvals[entry.id] = approval.model_copy(update=changes)
    elif entry.what == "handoff" and (handoff := state.handoffs.get(entry.id)):
        changes = {"missed": handoff.missed + 1, "accept_by": entry.next_deadline}
        state.handoffs[entry.id] = handoff.model_copy(update=changes)
    _happen(state, f"{entry.what}_overdue", entry.at)


def _approval_requested(state: DealState, entry: e.ApprovalRequested) -> None:
    state.approvals[entry.approval] = Approval(
        id=entry.approval, name=entry.name, terms=entry.terms, chain=entry.chain, answer_by=entry.answer_by,
        run=entry.run, step=entry.step, asked_at=entry.at,
    )  # fmt: skip


def _approval_answered(state: DealState, entry: e.ApprovalAnswered) -> None:
    approval = state.approvals.get(entry.approval)
    if entry.settled:
        state.approvals.pop(entry.approval, None)
        _happen(state, f"approval_{entry.settled}", entry.at, entry.name)
    elif approval:
        changes = {"answered": approval.answered + 1, "answer_by": entry.answer_by or approval.answer_by}
        state.approvals[entry.approval] = approval.model_copy(update={**changes, "asked_at": entry.at})


def _handoff_begun(state: DealState, entry: e.HandoffBegun) -> None:
    old = state.handoffs.get(entry.handoff)
    state.handoffs[entry.handoff] = Handoff(
        id=entry.handoff, name=entry.name, from_role=entry.from_role, to_role=entry.to_role, missing=entry.missing,
        offers=old.offers if old else 0, missed=old.missed if old else 0, run=entry.run, step=entry.step,
    )  # fmt: skip


def _handoff_offered(state: DealState, entry: e.HandoffOffered) -> None:
    if handoff := state.handoffs.get(entry.handoff):
        changes = {"accept_by": entry.accept_by, "missing": (), "offers": handoff.offers + 1}
        state.handoffs[entry.handoff] = handoff.model_copy(update={**changes, "asked_at": entry.at})


def _handoff_answered(state: DealState, entry: e.HandoffAnswered) -> None:
    _happen(state, f"handoff_{entry.answer}", entry.at, entry.name)
    if entry.answer == "declined":
        if handoff := state.handoffs.get(entry.handoff):
            state.handoffs[entry.handoff] = handoff.model_copy(update={"accept_by": None})
        return
    state.handoffs.pop(entry.handoff, None)
    if entry.answer == "accepted":
        state.handoffs_accepted[entry.name] = state.visit
        state.owner_role = entry.to_role


def _owner_changed(state: DealState, entry: e.OwnerChanged) -> None:
    if entry.person is not None:
        _learn(state, Known(owners={entry.role: entry.person}))


def _command_taken(state: DealState, entry: e.CommandTaken) -> None:
    _learn(state, entry.learned)


def _paused(state: DealState, entry: e.Paused) -> None:
    state.pause = Pause(since=entry.at, until=entry.until, review_at=entry.review_at)


def _resumed(state: DealState, entry: e.Resumed) -> None:
    state.pause = None
    for key, run in state.runs.items():
        moved = {i: s if s.dated else _later(s, "due_at", entry, s.planned_at) for i, s in run.planned.items()}
        state.runs[key] = run.model_copy(update={"planned": moved})
    state.tasks = {
        id_: task if task.dated else _later(task, "due_at", entry, task.asked_at) for id_, task in state.tasks.items()
    }
    state.approvals = {id_: _later(one, "answer_by", entry, one.asked_at) for id_, one in state.approvals.items()}
    state.handoffs = {id_: _later(one, "accept_by", entry, one.asked_at) for id_, one in state.handoffs.items()}
    if state.stalls_at:
        state.stalls_at += _stood_still(entry, state.stage_entered_at)


def _later(waiting: Waiting, field: str, resumed: e.Resumed, since: datetime | None) -> Waiting:
    time = getattr(waiting, field)
    return waiting if time is None else waiting.model_copy(update={field: time + _stood_still(resumed, since)})


def _stood_still(resumed: e.Resumed, since: datetime | None) -> timedelta:
    """How long the pause lasted for what has been waiting since then."""
    return resumed.delay if since is None else max(min(resumed.delay, resumed.at - since), timedelta())


def _pause_reviewed(state: DealState, entry: e.PauseReviewed) -> None:
    if state.pause:
        state.pause = state.pause.model_copy(update={"review_at": entry.review_at})


def _touches_held(state: DealState, entry: e.TouchesHeld) -> None:
    state.held_until = entry.until


def _stalled(state: DealState, entry: e.Stalled) -> None:
    state.stalls_at = entry.next_at
    _happen(state, "stalled", entry.at, entry.stage)


def _attention_asked(state: DealState, entry: e.AttentionAsked) -> None:
    state.attention[entry.point] = entry.text


def _attention_settled(state: DealState, entry: e.AttentionSettled) -> None:
    state.attention.pop(entry.point, None)


def _term_began(state: DealState, entry: e.TermBegan) -> None:
    state.term = entry.term


def _deal_closed(state: DealState, entry: e.DealClosed) -> None:
    state.outcome, state.closed_at = entry.outcome, entry.at


_WRITERS: dict[str, Callable[[DealState, Any], None]] = {
    "deal_opened": _deal_opened,
    "deal_refused": _deal_refused,
    "playbook_adopted": _playbook_adopted,
    "fact_taken": _fact_taken,
    "fact_refused": _fact_refused,
    "stage_entered": _stage_entered,
    "stage_left": _stage_left,
    "stage_held": _stage_held,
    "play_started": _play_started,
    "step_planned": _step_planned,
    "step_done": _step_done,
    "step_skipped": _step_skipped,
    "play_ended": _play_ended,
    "play_expected": _play_expected,
    "anchor_moved": _anchor_moved,
    "effect_started": _effect_started,
    "effect_settled": _effect_settled,
    "task_opened": _task_opened,
    "task_closed": _task_closed,
    "deadline_missed": _deadline_missed,
    "approval_requested": _approval_requested,
    "approval_answered": _approval_answered,
    "handoff_begun": _handoff_begun,
    "handoff_offered": _handoff_offered,
    "handoff_answered": _handoff_answered,
    "owner_changed": _owner_changed,
    "command_taken": _command_taken,
    "paused": _paused,
    "resumed": _resumed,
    "pause_reviewed": _pause_reviewed,
    "touches_held": _touches_held,
    "stalled": _stalled,
    "attention_asked": _attention_asked,
    "attention_settled": _attention_settled,
    "term_began": _term_began,
    "deal_closed": _deal_closed,
}
