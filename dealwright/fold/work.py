"""What people are asked, and what became of it."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold.applying import (
    Apply,
    after_all_told,
    change_run,
    happen,
    learn,
    not_done_for_date,
    reach,
    reach_by_channel,
    touch,
)
from dealwright.open_work import Limited
from dealwright.state import Agreed, Approval, DealState, Fallen, Handoff, Happened, Task
from dealwright.terms import Terms

_GRANTS_KEPT = 20
"""As many are remembered of one approval: more different terms are hardly ever granted in one contract term."""


def _task_opened(state: DealState, entry: e.TaskOpened) -> None:
    state.tasks[entry.task] = Task(
        id=entry.task, name=entry.name, title=entry.title, role=entry.role, due_at=entry.due_at,
        escalate=entry.escalate, required=entry.required, run=entry.run, step=entry.step,
        gates_next=entry.gates_next, gates_until=entry.gates_until, settles=entry.settles, visit=state.visit,
        asked_at=entry.at, dated=entry.dated,
        asks=entry.asks, detail=entry.detail, given_to=entry.given_to, given=entry.given, missed=entry.missed,
        on_list_at=entry.on_list_at, contact=entry.contact, outcomes=entry.outcomes, fills=entry.fills,
        channel=entry.channel, reaches=entry.reaches, reply=entry.reply,
    )  # fmt: skip
    if entry.gates_next:
        change_run(state, entry.run, gate=entry.task)


def _task_closed(state: DealState, entry: e.TaskClosed) -> None:
    task = state.tasks.pop(entry.task, None)
    learn(state, entry.learned, entry.taught, entry.at)
    if task is None:
        return
    if entry.how == "done":
        reach(state, task.run)
        state.done[task.name] = task.visit
        _task_done(state, task, entry)
        if entry.touch_by is not None:
            touch(state, entry.at, by_person=entry.touch_by == "person")
            reach_by_channel(state, entry.channel, entry.reaches, entry.at)
    elif task.run is not None:
        not_done_for_date(state, task.run, task.step, task.contact)
    if task.gates_next:
        change_run(state, task.run, gate=None)


def _task_done(state: DealState, task: Task, entry: e.TaskClosed) -> None:
    variants = [task.name] if entry.outcome is None else [task.name, f"{task.name}:{entry.outcome}"]
    for variant in variants:
        happen(state, "task_done", entry.at, variant, contact=task.contact)
    if (run := state.runs.get(task.run or "")) is not None and run.done is not None:
        it = Happened(number=state.entries, at=after_all_told(state, entry.at))
        change_run(state, run.key, done={**run.done, **{f"task_done:{variant}": it for variant in variants}})


def _deadline_missed(state: DealState, entry: e.DeadlineMissed) -> None:
    if entry.what == "task" and (task := state.tasks.get(entry.id)):
        state.tasks[entry.id] = task.model_copy(update={"missed": task.missed + 1, "due_at": entry.next_deadline})
        if (waiting := state.handoffs.get(task.settles or "")) is not None:
            state.handoffs[waiting.id] = waiting.model_copy(update={"late": waiting.late + 1})
    elif entry.what == "approval" and (approval := state.approvals.get(entry.id)):
        changes = {"missed": approval.missed + 1, "answer_by": entry.next_deadline}
        state.approvals[entry.id] = approval.model_copy(update=changes)
    elif entry.what == "handoff" and (handoff := state.handoffs.get(entry.id)):
        changes = {"missed": handoff.missed + 1, "late": handoff.late + 1, "accept_by": entry.next_deadline}
        state.handoffs[entry.id] = handoff.model_copy(update=changes)
    happen(state, f"{entry.what}_overdue", entry.at)


def _approval_requested(state: DealState, entry: e.ApprovalRequested) -> None:
    state.approvals[entry.approval] = Approval(
        id=entry.approval, name=entry.name, terms=entry.terms, currencies=entry.currencies, chain=entry.chain,
        answer_by=entry.answer_by, run=entry.run, step=entry.step, asked_at=entry.at,
        given_to=entry.given_to, chains=entry.chains, part=entry.part, instead_of=entry.instead_of,
    )  # fmt: skip
    state.asked_for[entry.name] = state.asked_for.get(entry.name, 0) + 1


def _approval_answered(state: DealState, entry: e.ApprovalAnswered) -> None:
    approval = state.approvals.get(entry.approval)
    if approval and entry.person:
        _remember_yes(state, entry.name, entry.person)
    if entry.settled == "agreed":
        state.approvals.pop(entry.approval, None)
    elif entry.settled:
        state.approvals.pop(entry.approval, None)
        happen(state, f"approval_{entry.settled}", entry.at, entry.name)
        if approval:
            _remember_answer(state, approval, entry)
    elif approval := state.approvals.get(entry.approval):
        changes: dict[str, object] = {"answered": approval.answered + 1}
        changes["answer_by"] = entry.answer_by or approval.answer_by
        changes |= {"asked_at": entry.at, "given_to": entry.given_to}
        state.approvals[entry.approval] = approval.model_copy(update=changes)


def _remember_yes(state: DealState, name: str, person: str) -> None:
    for one in state.approvals.values():
        if one.name == name and person not in one.yes:
            state.approvals[one.id] = one.model_copy(update={"yes": (*one.yes, person)})


def _remember_answer(state: DealState, approval: Approval, entry: e.ApprovalAnswered) -> None:
    agreed, terms = state.agreed.get(approval.name, Agreed()), approval.asked
    if entry.settled == "granted":
        granted = (*(one for one in agreed.granted if one != terms), terms)[-_GRANTS_KEPT:]
        limited = tuple(one for one in agreed.limited if one.terms != terms and one.terms in granted)
        if entry.valid_until is not None:
            limited = (*limited, Limited(terms=terms, until=entry.valid_until))
        state.agreed[approval.name] = Agreed(granted=granted, limited=limited)
    elif entry.settled == "refused":
        state.agreed[approval.name] = Agreed(granted=agreed.granted, refused=terms, limited=agreed.limited)


def _approval_expired(state: DealState, entry: e.ApprovalExpired) -> None:
    agreed = state.agreed.get(entry.name, Agreed())
    terms = Terms(values=entry.terms, currencies=entry.currencies)
    granted = tuple(one for one in agreed.granted if one != terms)
    limited = tuple(one for one in agreed.limited if one.terms != terms)
    state.agreed[entry.name] = agreed.model_copy(update={"granted": granted, "limited": limited, "expired": True})
    happen(state, "approval_expired", entry.at, entry.name)


def _terms_offered(state: DealState, entry: e.TermsOffered) -> None:
    agreed = state.agreed.get(entry.name, Agreed())
    state.agreed[entry.name] = agreed.model_copy(update={"offered": True, "refused": None})


def _work_given(state: DealState, entry: e.WorkGiven) -> None:
    if entry.what == "approval" and (approval := state.approvals.get(entry.id)):
        changes: dict[str, object] = {"given_to": entry.given_to, "given": approval.given + 1}
        changes["answer_by"] = entry.answer_by or approval.answer_by
        state.approvals[entry.id] = approval.model_copy(update=changes)
    elif entry.what == "suggestion" and (suggestion := state.suggestions.get(entry.id)):
        now = {"role": entry.role, "given_to": entry.given_to}
        state.suggestions[entry.id] = suggestion.model_copy(update=now)


def _handoff_begun(state: DealState, entry: e.HandoffBegun) -> None:
    old = state.handoffs.get(entry.handoff)
    state.fallen.pop(entry.name, None)
    state.handoffs[entry.handoff] = Handoff(
        id=entry.handoff, name=entry.name, from_role=entry.from_role, to_role=entry.to_role, missing=entry.missing,
        offers=old.offers if old else 0, missed=old.missed if old else 0,
        late=old.late if old else 0, run=entry.run, step=entry.step, visit=old.visit if old else state.visit,
    )  # fmt: skip


def _handoff_offered(state: DealState, entry: e.HandoffOffered) -> None:
    if handoff := state.handoffs.get(entry.handoff):
        changes = {"accept_by": entry.accept_by, "missing": (), "offers": handoff.offers + 1, "late": 0}
        changes |= {"asked_at": entry.at, "given_to": entry.given_to}
        state.handoffs[entry.handoff] = handoff.model_copy(update=changes)


def _handoff_answered(state: DealState, entry: e.HandoffAnswered) -> None:
    happen(state, f"handoff_{entry.answer}", entry.at, entry.name)
    if entry.answer == "declined":
        if handoff := state.handoffs.get(entry.handoff):
            state.handoffs[entry.handoff] = handoff.model_copy(update={"accept_by": None, "late": 0})
        return
    fallen = state.handoffs.pop(entry.handoff, None)
    if entry.answer == "fell_back" and fallen:
        state.fallen[entry.name] = Fallen(
            id=fallen.id, name=fallen.name, from_role=fallen.from_role, to_role=fallen.to_role, held_by=entry.to_role
        )
        happen(
            state, "handoff_accepted", entry.at, entry.name
        )  # conditions that ask for it must not hold a deal for ever
    if entry.answer in {"accepted", "fell_back"}:
        state.handoffs_accepted[entry.name] = state.visit
        if not entry.too_late:
            state.owner_role = entry.to_role


APPLY: dict[str, Apply] = {
    "task_opened": _task_opened,
    "task_closed": _task_closed,
    "deadline_missed": _deadline_missed,
    "approval_requested": _approval_requested,
    "approval_answered": _approval_answered,
    "terms_offered": _terms_offered,
    "approval_expired": _approval_expired,
    "work_given": _work_given,
    "handoff_begun": _handoff_begun,
    "handoff_offered": _handoff_offered,
    "handoff_answered": _handoff_answered,
}
