"""What the deal was told, and what follows from it for what is known."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.deal import EndReason
from dealwright.facts import CallLogged
from dealwright.facts.things import TABLES, UNNAMED
from dealwright.fold import billing, counting, crm, documents, people, suggestions
from dealwright.fold.applying import (
    Apply,
    keep_latest,
    keep_things,
    know_dates,
    learn,
    take_place,
    touch,
)
from dealwright.open_work import ReplyToRead
from dealwright.state import Absence, ChannelWish, DealState, Happened

_REPLIES_KEPT = 50
"""As many are remembered, by what mail calls them: a reply told again by another system is the same one."""


def _fact_taken(state: DealState, entry: e.FactTaken) -> None:
    state.told_after_end += state.closed_at is not None
    it = Happened(number=state.entries, at=entry.happened_at)
    if entry.no_news is None:
        keep_latest(state.happened, entry.fact, it, entry.variant, entry.stands_for)
        if entry.fact == CallLogged.name and not entry.by_the_buyer:
            touch(state, entry.happened_at, by_person=True)
    if entry.about is not None and (entry.no_news is None or entry.beside):
        keep_latest(state.happened_to, f"{entry.fact} {entry.about}", it)
    suggestions.keep_conversation(state, entry)
    counting.keep_up(state, entry)
    learn(state, entry.learned, entry.taught, entry.happened_at)
    take_place(state, entry.replaces, entry.refers_to)
    keep_things(state, entry.things, entry.focus)
    _know_dates(state, entry, it)
    crm.told(state, entry)
    billing.told(state, entry)
    documents.told(state, entry)
    _keep_reason(state, entry)
    if entry.retracts is not None:
        _take_back(state, entry.retracts, entry.about, entry.happened_at)
    if (fact := entry.retracts or entry.takes_back_older) is not None:
        people.take_back(state, fact, entry)
    people.hear(state, entry, it)
    people.keep_in_mind(state, entry)
    if entry.message_id:
        _keep_reply(state, entry, entry.message_id)
        _keep_what_to_answer(state, entry)


def _keep_reply(state: DealState, entry: e.FactTaken, message_id: str) -> None:
    state.replies = (*[id_ for id_ in state.replies if id_ != message_id], message_id)[-_REPLIES_KEPT:]
    if entry.no_news is None:
        others = [id_ for id_ in state.unjudged if id_ != message_id]
        unjudged = entry.variant == "other"
        state.unjudged = tuple([*others, message_id] if unjudged else others)[-_REPLIES_KEPT:]
        to_read = {id_: one for id_, one in state.to_read.items() if id_ in state.unjudged and id_ != message_id}
        if unjudged and entry.contact is not None:
            one = ReplyToRead(message_id=message_id, contact=entry.contact, at=entry.happened_at)
            to_read[message_id] = one
        state.to_read = to_read


def _keep_reason(state: DealState, entry: e.FactTaken) -> None:
    given = (entry.reason_code, entry.competitor, entry.back_on)
    if entry.no_news is None and any(one is not None for one in given):
        why = EndReason(reason_code=entry.reason_code, competitor=entry.competitor, back_on=entry.back_on)
        state.told_reason = (entry.fact, why)


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
    """Remember since when dates are known that a fact brings: one that stands again was known before.

    So was that of another meeting or proposal that the deal is about by it.
    """
    for path in entry.dates:
        if entry.retracts is None and not _was_turned_to(state, entry, path):
            state.dates_known[path] = told
        else:
            know_dates(state, (path,), _known_before(state, entry, path))


def _was_turned_to(state: DealState, entry: e.FactTaken, path: str) -> bool:
    """Whether a date is of a thing that the fact says no date of: the deal only turned to it."""
    part, _, field = path.partition(".")
    table = next((table for thing, table in TABLES.items() if thing == part != "contract"), None)
    return table is not None and f"{table}.{state.focus.get(part, UNNAMED)}.{field}" not in entry.taught


def _known_before(state: DealState, entry: e.FactTaken, path: str) -> datetime:
    thing, _, field = path.partition(".")
    prefix = next((f"{name}.{state.focus.get(thing, UNNAMED)}" for each, name in TABLES.items() if each == thing), "")
    return state.taught.get(f"{prefix}.{field}" if prefix else field, entry.happened_at)


def _take_back(state: DealState, fact: str, about: str | None, at: datetime) -> None:
    key = f"{fact} {about}" if about else fact
    state.retracted[key] = max(at, state.retracted.get(key, at))
    if state.told_reason is not None and state.told_reason[0] == fact:
        state.told_reason = None
    state.happened_with |= {contact: dict(table) for contact, table in state.happened_with.items()}
    for table in (state.happened, state.concerned, *state.happened_with.values()):
        for key in [key for key, it in table.items() if key.partition(":")[0] == fact and it.at <= at]:
            del table[key]
    if (allowed := people.WISHES.get(fact)) is not None:
        wishes = {
            key: wish for key, wish in state.channel_wishes.items() if wish.allowed is not allowed or wish.at > at
        }
        state.channel_wishes = wishes
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
    documents.heard(state, entry.id)
    state.attention[f"fact:{entry.fact[:60]}"] = entry.sentence()[:300]


def _fact_contradicted(state: DealState, entry: e.FactContradicted) -> None:
    state.attention[entry.point] = entry.sentence()[:300]


def _touches_held(state: DealState, entry: e.TouchesHeld) -> None:
    if entry.contact is not None:
        told_at = entry.told_at or entry.at
        state.away[entry.contact] = Absence(until=entry.until, told_at=told_at, another_deal=entry.another_deal)


def _contact_refused(state: DealState, entry: e.ContactRefused) -> None:
    key = f"{entry.channel} {entry.contact}"
    known = state.channel_wishes.get(key)
    if known is None or known.at < entry.told_at:
        state.channel_wishes[key] = ChannelWish(allowed=False, at=entry.told_at)


def _fields_worked_out(state: DealState, entry: e.FieldsWorkedOut) -> None:
    for name, value in entry.fields.items():
        if value is None:
            state.computed.pop(name, None)
        else:
            state.computed[name] = value


APPLY: dict[str, Apply] = {
    "contact_refused": _contact_refused,
    "fact_taken": _fact_taken,
    "fact_refused": _fact_refused,
    "fact_contradicted": _fact_contradicted,
    "fields_worked_out": _fields_worked_out,
    "focus_moved": _focus_moved,
    "person_recognised": people.person_recognised,
    "touches_held": _touches_held,
}
