"""Where the deal stands, and what has happened."""

from __future__ import annotations

from deals import entries as e
from deals.fold.writing import Writer, happen, learn
from deals.state import Absence, DealState, Silence


def _deal_opened(state: DealState, entry: e.DealOpened) -> None:
    state.deal, state.playbook, state.bundle, state.opened_at = (
        entry.deal,
        entry.playbook,
        entry.bundle,
        entry.at,
    )


def _deal_refused(state: DealState, entry: e.DealRefused) -> None:
    state.outcome, state.reason, state.closed_at = "refused", entry.error, entry.at


def _playbook_adopted(state: DealState, entry: e.PlaybookAdopted) -> None:
    state.playbook, state.bundle = entry.playbook, entry.bundle
    state.leaves_when = entry.leaves_when or state.leaves_when
    for old, new in entry.moved.items():
        if old in state.dated:
            state.dated[new] = state.dated.pop(old)


def _term_began(state: DealState, entry: e.TermBegan) -> None:
    state.term = entry.term
    state.agreed.clear()  # what was granted for the last term says nothing about the next one


def _deal_closed(state: DealState, entry: e.DealClosed) -> None:
    state.outcome, state.reason, state.closed_at = entry.outcome, entry.reason, entry.at


def _fact_taken(state: DealState, entry: e.FactTaken) -> None:
    happen(state, entry.fact, entry.happened_at, entry.variant)
    learn(state, entry.learned)
    if entry.silences:
        _silence(state, entry)
    if entry.message_id:
        _keep_what_to_answer(state, entry)
    if entry.fact == "reply_received" and entry.variant != "out_of_office" and entry.contact:
        state.heard_from[entry.contact] = max(entry.happened_at, state.heard_from.get(entry.contact, entry.happened_at))


def _keep_what_to_answer(state: DealState, entry: e.FactTaken) -> None:
    """A reply to a contact answers what she wrote last; a machine that says she is away is not answered."""
    for address in entry.addresses:
        before = state.written.get(address)
        if before is None or entry.variant == "out_of_office":
            continue
        if before.wrote_at is None or before.wrote_at <= entry.happened_at:
            heard = {"message_id": entry.message_id, "wrote_at": entry.happened_at}
            state.written[address] = before.model_copy(update=heard)


def _silence(state: DealState, entry: e.FactTaken) -> None:
    for address in entry.addresses:
        before = state.silenced.get(address)
        since = min(before.since, entry.happened_at) if before else entry.happened_at
        state.silenced[address] = Silence(since=since, bounced=entry.bounced or (before is not None and before.bounced))
    if entry.contact and not entry.bounced:
        state.opted_out.setdefault(entry.contact, entry.happened_at)


def _fact_refused(state: DealState, entry: e.FactRefused) -> None:
    state.attention[f"fact:{entry.fact[:60]}"] = entry.sentence()[:300]


def _fact_contradicted(state: DealState, entry: e.FactContradicted) -> None:
    state.attention[entry.point] = entry.sentence()[:300]


def _touches_held(state: DealState, entry: e.TouchesHeld) -> None:
    if entry.contact is not None:
        state.away[entry.contact] = Absence(until=entry.until, told_at=entry.told_at or entry.at)


def _stage_entered(state: DealState, entry: e.StageEntered) -> None:
    state.stage, state.visit, state.owner_role = entry.stage, entry.visit, entry.owner_role
    state.stage_entered_at, state.stage_since = entry.at, state.entries
    state.leaves_when, state.stalls_at, state.held_by = entry.leaves_when, entry.stalls_at, ()
    state.stalls = 0
    happen(state, "entered", entry.at, entry.stage)
    if entry.marks:
        state.outcome = entry.marks


def _stage_left(state: DealState, entry: e.StageLeft) -> None:
    state.left[entry.stage] = state.entries
    state.skipped_required += len(entry.skipped_required)
    happen(state, "left", entry.at, entry.stage)


def _stage_held(state: DealState, entry: e.StageHeld) -> None:
    state.held_by = entry.missing


def _stalled(state: DealState, entry: e.Stalled) -> None:
    state.stalls_at, state.stalls = entry.next_at, state.stalls + 1
    happen(state, "stalled", entry.at, entry.stage)


WRITERS: dict[str, Writer] = {
    "deal_opened": _deal_opened,
    "deal_refused": _deal_refused,
    "playbook_adopted": _playbook_adopted,
    "term_began": _term_began,
    "deal_closed": _deal_closed,
    "fact_taken": _fact_taken,
    "fact_refused": _fact_refused,
    "fact_contradicted": _fact_contradicted,
    "touches_held": _touches_held,
    "stage_entered": _stage_entered,
    "stage_left": _stage_left,
    "stage_held": _stage_held,
    "stalled": _stalled,
}
