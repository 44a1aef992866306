"""How a deal is opened, goes on and ends."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.deal import EndReason
from dealwright.facts.things import TABLES, UNNAMED, known_at_first
from dealwright.fold.applying import Apply
from dealwright.state import ActivePause, DealState, HeldEnd


def _deal_opened(state: DealState, entry: e.DealOpened) -> None:
    state.deal, state.playbook, state.bundle, state.opened_at = (
        entry.deal,
        entry.playbook,
        entry.bundle,
        entry.at,
    )
    deal = entry.deal
    for thing, name in TABLES.items():
        record = getattr(deal, thing)
        if record is not None:
            key = "1" if thing == "contract" else record.id or UNNAMED
            state.focus[thing], getattr(state, name)[key] = key, record
            state.taught |= known_at_first(thing, key, record, entry.at)


def _deal_refused(state: DealState, entry: e.DealRefused) -> None:
    state.outcome, state.reason, state.closed_at = "refused", entry.error, entry.at


def _playbook_adopted(state: DealState, entry: e.PlaybookAdopted) -> None:
    state.came_from, state.adopts = state.bundle, None
    state.set_aside = {key: run for key, run in state.set_aside.items() if key in entry.keeps}
    state.playbook, state.bundle = entry.playbook, entry.bundle
    state.leaves_when = entry.leaves_when or state.leaves_when
    state.owner_role, state.stalls_at = entry.owner_role or state.owner_role, entry.stalls_at or state.stalls_at
    state.outcome = entry.marks or state.outcome
    state.scores = {}  # other rules give other points


def _adoption_planned(state: DealState, entry: e.AdoptionPlanned) -> None:
    state.adopts = entry


def _adoption_dropped(state: DealState, entry: e.AdoptionDropped) -> None:  # noqa: ARG001 - one signature for all
    state.adopts = None


def _term_began(state: DealState, entry: e.TermBegan) -> None:
    state.term = entry.term
    state.agreed.clear()  # what was granted for the last term says nothing about the next one


def _deal_closed(state: DealState, entry: e.DealClosed) -> None:
    state.outcome, state.reason, state.closed_at = entry.outcome, entry.reason, entry.at
    state.ended_for = _reason_in(entry)
    if state.pause is not None and state.pause.ending is not None:
        state.pause = None


def _end_held(state: DealState, entry: e.EndHeld) -> None:
    since = state.pause.since if state.pause else entry.at
    why = _reason_in(entry) or EndReason()
    ending = HeldEnd(outcome=entry.outcome, reason=entry.reason, **vars(why))
    state.pause = ActivePause(since=since, until=entry.until, review_at=entry.until, ending=ending)


def _end_explained(state: DealState, entry: e.EndExplained) -> None:
    state.ended_for = _reason_in(entry)


def _reason_in(entry: EndReason) -> EndReason | None:
    why = EndReason(reason_code=entry.reason_code, competitor=entry.competitor, back_on=entry.back_on)
    return why if why.changes() else None


def _deal_reopened(state: DealState, entry: e.DealReopened) -> None:
    state.outcome = state.reason = state.closed_at = state.pause = state.ended_for = state.told_reason = None
    state.reopened_at = entry.at
    state.goes_on_since = state.goes_on_since or state.stage_entered_at
    state.crossed.clear()  # what it started was called off at the end


APPLY: dict[str, Apply] = {
    "deal_opened": _deal_opened,
    "deal_refused": _deal_refused,
    "playbook_adopted": _playbook_adopted,
    "adoption_planned": _adoption_planned,
    "adoption_dropped": _adoption_dropped,
    "term_began": _term_began,
    "deal_closed": _deal_closed,
    "deal_reopened": _deal_reopened,
    "end_held": _end_held,
    "end_explained": _end_explained,
}
