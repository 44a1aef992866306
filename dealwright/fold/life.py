"""Where the deal stands, and what has happened."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.facts.things import TABLES, UNNAMED, known_at_first
from dealwright.fold.writing import Writer, happen, keep_latest, keep_things, know_dates, learn
from dealwright.state import Absence, DealState, Happened, Silence, Stranger

_REPLIES_KEPT = 50
"""As many are remembered, by what mail calls them: a reply told again by another system is the same one."""


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
    state.playbook, state.bundle = entry.playbook, entry.bundle
    state.leaves_when = entry.leaves_when or state.leaves_when


def _term_began(state: DealState, entry: e.TermBegan) -> None:
    state.term = entry.term
    state.agreed.clear()  # what was granted for the last term says nothing about the next one


def _deal_closed(state: DealState, entry: e.DealClosed) -> None:
    state.outcome, state.reason, state.closed_at = entry.outcome, entry.reason, entry.at


def _deal_reopened(state: DealState, entry: e.DealReopened) -> None:
    state.outcome = state.reason = state.closed_at = state.pause = None
    state.reopened_at = entry.at
    state.crossed.clear()  # what it started was called off at the end


def _fact_taken(state: DealState, entry: e.FactTaken) -> None:
    state.told_after_end += state.closed_at is not None
    it = Happened(number=state.entries, at=entry.happened_at)
    if entry.no_news is None:
        keep_latest(state.happened, entry.fact, it, entry.variant)
        if entry.spares is False:
            keep_latest(state.concerned, entry.fact, it, entry.variant)
    if entry.about is not None and (entry.no_news is None or entry.beside):
        keep_latest(state.happened_to, f"{entry.fact} {entry.about}", it)
    learn(state, entry.learned, entry.taught, entry.happened_at)
    keep_things(state, entry.things, entry.focus)
    _know_dates(state, entry, it)
    if entry.retracts is not None:
        _take_back(state, entry.retracts, entry.about, entry.happened_at)
    if entry.silences:
        _silence(state, entry)
    if entry.message_id:
        state.replies = (*[id_ for id_ in state.replies if id_ != entry.message_id], entry.message_id)[-_REPLIES_KEPT:]
    if entry.unresolved and (entry.contact or entry.addresses):
        _keep_in_mind(state, entry)
    if entry.message_id:
        _keep_what_to_answer(state, entry)
    if entry.written_by_them and entry.contact:
        state.heard_from[entry.contact] = max(entry.happened_at, state.heard_from.get(entry.contact, entry.happened_at))


def _keep_in_mind(state: DealState, entry: e.FactTaken) -> None:
    """Somebody is not known yet whom a fact is about: once they are, it holds for them."""
    before = state.strangers.get(entry.point)
    opted_out_at = entry.happened_at if entry.silences and not entry.bounced else None
    state.strangers[entry.point] = Stranger(
        contact=entry.contact,
        addresses=entry.addresses,
        opted_out_at=opted_out_at or (before.opted_out_at if before else None),
    )


def _person_recognised(state: DealState, entry: e.PersonRecognised) -> None:
    state.strangers.pop(entry.point, None)
    if entry.opted_out_at is not None:
        state.opted_out.setdefault(entry.contact, entry.opted_out_at)
        for address in entry.addresses:
            state.silenced.setdefault(address, Silence(since=entry.opted_out_at))


def _keep_what_to_answer(state: DealState, entry: e.FactTaken) -> None:
    """A reply to a contact answers what she wrote last; a machine that says she is away is not answered."""
    for address in entry.addresses:
        before = state.written.get(address)
        if before is None or not entry.written_by_them:
            continue
        if before.wrote_at is None or before.wrote_at <= entry.happened_at:
            heard = {"message_id": entry.message_id, "wrote_at": entry.happened_at}
            state.written[address] = before.model_copy(update=heard)


def _know_dates(state: DealState, entry: e.FactTaken, told: Happened) -> None:
    """Remember since when dates are known that a fact brings: one that stands again was known before."""
    if entry.retracts is None:
        state.dates_known |= dict.fromkeys(entry.dates, told)
        return
    for path in entry.dates:
        know_dates(state, (path,), _known_before(state, entry, path))


def _known_before(state: DealState, entry: e.FactTaken, path: str) -> datetime:
    thing, _, field = path.partition(".")
    prefix = next((f"{name}.{state.focus.get(thing, UNNAMED)}" for each, name in TABLES.items() if each == thing), "")
    return state.taught.get(f"{prefix}.{field}", entry.happened_at)


def _silence(state: DealState, entry: e.FactTaken) -> None:
    for address in entry.addresses:
        before = state.silenced.get(address)
        since = min(before.since, entry.happened_at) if before else entry.happened_at
        state.silenced[address] = Silence(since=since, bounced=entry.bounced or (before is not None and before.bounced))
    if entry.contact and not entry.bounced:
        state.opted_out.setdefault(entry.contact, entry.happened_at)


def _take_back(state: DealState, fact: str, about: str | None, at: datetime) -> None:
    state.retracted[f"{fact} {about}" if about else fact] = at
    for table in (state.happened, state.concerned):
        for key in [key for key, it in table.items() if key.partition(":")[0] == fact and it.at <= at]:
            del table[key]
    told = {key: it for key, it in state.happened_to.items() if key.partition(" ")[0] == fact}
    for key, it in told.items():
        if it.at <= at and about in {None, key.partition(" ")[2]}:
            del state.happened_to[key]
        elif it.at <= at:  # it is so of another one
            keep_latest(state.happened, fact, it)


def _focus_moved(state: DealState, entry: e.FocusMoved) -> None:
    state.focus[entry.thing] = entry.key
    table = {"meeting": state.meetings, "demo": state.demos}.get(entry.thing, {})
    if state.deal is not None and entry.key in table:
        state.deal = state.deal.model_copy(update={entry.thing: table[entry.key]})
        know_dates(state, (f"{entry.thing}.starts_at",), entry.known_at)


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
    since_at, since_number = entry.since_at or entry.at, entry.since_number
    state.visit_since = (since_at, state.entries if since_number is None else since_number)
    state.leaves_when, state.stalls_at, state.held_by = entry.leaves_when, entry.stalls_at, ()
    state.stalls = 0
    happen(state, "entered", entry.at, entry.stage)
    if entry.marks:
        state.outcome = entry.marks


def _stage_left(state: DealState, entry: e.StageLeft) -> None:
    state.left[entry.stage] = entry.left_at or entry.at
    state.skipped_required += len(entry.skipped_required)
    state.crossed = {key: whole_deal for key, whole_deal in state.crossed.items() if whole_deal}
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
    "deal_reopened": _deal_reopened,
    "fact_taken": _fact_taken,
    "fact_refused": _fact_refused,
    "fact_contradicted": _fact_contradicted,
    "focus_moved": _focus_moved,
    "person_recognised": _person_recognised,
    "touches_held": _touches_held,
    "stage_entered": _stage_entered,
    "stage_left": _stage_left,
    "stage_held": _stage_held,
    "stalled": _stalled,
}
