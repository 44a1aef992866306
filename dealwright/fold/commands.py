"""What people order: commands, owners, pauses, and what they should look at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from dealwright import entries as e
from dealwright.deal import Known
from dealwright.fold.applying import Apply, after_all_told, keep_things, know_dates, learn
from dealwright.state import ActivePause, DealState
from dealwright.values.recorded import Recorded

Waiting = TypeVar("Waiting", bound=Recorded)


def _owner_changed(state: DealState, entry: e.OwnerChanged) -> None:
    if entry.person is not None:
        learn(state, Known(owners={entry.role: entry.person}), (f"owners.{entry.role}",), entry.at)


def _owner_chosen(state: DealState, entry: e.OwnerChosen) -> None:
    learn(state, Known(owners={entry.role: entry.person}), (f"owners.{entry.role}",), entry.at)
    state.assigned[entry.role] = True


def _owner_counted(state: DealState, entry: e.OwnerCounted) -> None:
    state.assigned[entry.role] = entry.counts


def _command_taken(state: DealState, entry: e.CommandTaken) -> None:
    learn(state, entry.learned, entry.taught, entry.at)
    keep_things(state, entry.things, entry.focus)
    know_dates(state, entry.dates, after_all_told(state, entry.at))


def _paused(state: DealState, entry: e.Paused) -> None:
    state.pause = ActivePause(since=entry.at, until=entry.until, review_at=entry.review_at)


def _resumed(state: DealState, entry: e.Resumed) -> None:
    if state.pause is not None and state.pause.ending is not None:
        state.told_reason, state.reopened_at = None, entry.at
        known = state.in_crm.get("stage")
        if known is not None and known.at <= state.pause.since:
            del state.in_crm["stage"]  # the fact may have come from there, where the deal is closed then
    state.pause = None
    for key, run in state.runs.items():
        moved = {i: s if s.dated else _later(s, "due_at", entry, s.planned_at) for i, s in run.planned.items()}
        state.runs[key] = run.model_copy(update={"planned": moved})
    state.tasks = {
        id_: task if task.dated else _later(task, "due_at", entry, task.asked_at) for id_, task in state.tasks.items()
    }
    state.tasks = {id_: _later(task, "gates_until", entry, task.asked_at) for id_, task in state.tasks.items()}
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
        changes = {"review_at": entry.review_at, "reviews": state.pause.reviews + 1}
        state.pause = state.pause.model_copy(update=changes)


def _attention_asked(state: DealState, entry: e.AttentionAsked) -> None:
    state.attention[entry.point] = entry.text


def _attention_settled(state: DealState, entry: e.AttentionSettled) -> None:
    state.attention.pop(entry.point, None)
    if (stranger := state.strangers.get(entry.point)) is not None and not stranger.told and not stranger.opted_out_at:
        del state.strangers[entry.point]


APPLY: dict[str, Apply] = {
    "owner_changed": _owner_changed,
    "owner_chosen": _owner_chosen,
    "owner_counted": _owner_counted,
    "command_taken": _command_taken,
    "paused": _paused,
    "resumed": _resumed,
    "pause_reviewed": _pause_reviewed,
    "attention_asked": _attention_asked,
    "attention_settled": _attention_settled,
}
