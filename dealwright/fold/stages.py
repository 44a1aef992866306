"""Where the deal stands on its way."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold.applying import Apply, happen
from dealwright.state import DealState


def _stage_entered(state: DealState, entry: e.StageEntered) -> None:
    if entry.stage != state.stage:
        state.goes_on_since = None
    state.stage, state.visit, state.owner_role = entry.stage, entry.visit, entry.owner_role
    state.stage_entered_at, state.stage_since = entry.at, state.entries
    since_at, since_number = entry.since_at or entry.at, entry.since_number
    state.visit_since = (since_at, state.entries if since_number is None else since_number)
    state.leaves_when, state.stalls_at, state.held_by = entry.leaves_when, entry.stalls_at, ()
    state.stalls = state.put_back = 0
    happen(state, "entered", entry.at, entry.stage)
    if entry.marks:
        state.outcome = entry.marks


def _stage_left(state: DealState, entry: e.StageLeft) -> None:
    state.left[entry.stage] = entry.left_at or entry.at
    state.skipped_required += len(entry.skipped_required)
    state.crossed = {key: whole_deal for key, whole_deal in state.crossed.items() if whole_deal}
    state.set_aside = {key: run for key, run in state.set_aside.items() if run.whole_deal}
    state.goes_on_since = None
    happen(state, "left", entry.at, entry.stage)


def _stage_held(state: DealState, entry: e.StageHeld) -> None:
    state.held_by = entry.missing


def _stalled(state: DealState, entry: e.Stalled) -> None:
    state.stalls_at, state.stalls = entry.next_at, state.stalls + 1
    happen(state, "stalled", entry.at, entry.stage)


APPLY: dict[str, Apply] = {
    "stage_entered": _stage_entered,
    "stage_left": _stage_left,
    "stage_held": _stage_held,
    "stalled": _stalled,
}
