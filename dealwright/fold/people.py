"""What the deal was told of people: who is silent, who wrote, who was spoken with, what they want to be reached by.

What is told of somebody whom the deal does not know is kept, and holds for them once they are known.
"""

from __future__ import annotations

from collections.abc import Iterable

from dealwright import entries as e
from dealwright import text_consent
from dealwright.facts import CallLogged, ChannelAllowed, ChannelRefused
from dealwright.fold import counting, suggestions
from dealwright.fold.applying import happen_with, keep_latest, take_place
from dealwright.open_work import ReplyToRead
from dealwright.state import ChannelWish, DealState, Happened, Silence, Stranger

WISHES = {ChannelRefused.name: False, ChannelAllowed.name: True}
"""The facts by which contacts say whether they want to be reached by a channel."""
_MET_KEPT = 200
"""Of the people with whom there were calls and conversations, and whom the deal does not know, the last ones."""
_HOLDS_FOR_A_PERSON = (
    "at", "number", "fact", "id", "variant", "happened_at", "source", "contact", "address", "addresses", "touch",
    "message_id", "unresolved", "stands_for", "about", "no_news", "by_the_buyer", "refers_to", "returns_on",
    "conversation", "ended_at", "told_with",
)  # fmt: skip
"""The parts of a fact that say something of whom it is about: what it taught holds for the whole deal, and is known."""


def hear(state: DealState, entry: e.FactTaken, it: Happened) -> None:
    """Remember what a fact says of the contacts whom it is about."""
    if entry.no_news is None:
        for contact in entry.concerns:
            happen_with(state, contact, entry.fact, it, entry.variant, entry.stands_for)
        if entry.spares is False:
            keep_latest(state.concerned, entry.fact, it, entry.variant)
        _keep_call(state, entry)
        _keep_wish(state, entry)
    if entry.silences:
        _silence(state, entry)
    if entry.written_by_them and entry.contact and entry.no_news is None:
        state.heard_from[entry.contact] = max(entry.happened_at, state.heard_from.get(entry.contact, entry.happened_at))


def keep_in_mind(state: DealState, entry: e.FactTaken) -> None:
    """Somebody is not known yet whom a fact is about: once they are, it holds for them."""
    if entry.unresolved and (entry.contact or entry.addresses):
        _remember(state, entry, entry.point, entry.contact, entry.addresses)
    for one in entry.strangers:
        _remember(state, entry, entry.point_about(one), one, (one,))
    met = [point for point, one in state.strangers.items() if one.told and not one.told[-1].unresolved]
    for point in met[:-_MET_KEPT] if entry.strangers else ():
        del state.strangers[point]


def _remember(
    state: DealState, entry: e.FactTaken, point: str, contact: str | None, addresses: tuple[str, ...]
) -> None:
    before = state.strangers.get(point) or Stranger()
    opted_out_at = entry.happened_at if entry.silences and not entry.bounced else None
    one = e.FactTaken.model_validate({part: getattr(entry, part) for part in _HOLDS_FOR_A_PERSON})
    state.strangers[point] = Stranger(
        contact=contact, addresses=addresses, opted_out_at=opted_out_at or before.opted_out_at,
        told=tuple(_what_counts([*before.told, one])),
    )  # fmt: skip


def _what_counts(told: Iterable[e.FactTaken]) -> list[e.FactTaken]:
    """Of each kind of fact the last times; of those that silence somebody the first, from which on they are silent."""
    kinds: dict[str | None, list[e.FactTaken]] = {}
    for one in sorted(told, key=_moment):
        kinds.setdefault(one.variant, []).append(one)
    kept = (ones[:1] if ones[0].silences else ones[-counting.MOST_COUNTED :] for ones in kinds.values())
    return sorted((one for ones in kept for one in ones), key=_moment)


def _moment(told: e.FactTaken) -> tuple[object, int]:
    return told.happened_at, told.number or 0


def person_recognised(state: DealState, entry: e.PersonRecognised) -> None:
    """Somebody is known now: what was told of them before is known of them, as if they had been known then."""
    state.strangers.pop(entry.point, None)
    if entry.opted_out_at is not None:
        state.opted_out.setdefault(entry.contact, entry.opted_out_at)
        for address in entry.addresses:
            state.silenced.setdefault(address, Silence(since=entry.opted_out_at))
    for told in entry.told:
        hear(state, told, Happened(number=told.number or state.entries, at=told.happened_at))
        if told.no_news is None:
            counting.count(state, told)
            suggestions.took_part(state, told)
            _keep_to_read(state, told)
        if told.replaces is not None:
            take_place(state, told.replaces, told.refers_to)
            state.taught[f"contacts.{told.replaces}"] = told.happened_at


def take_back(state: DealState, fact: str, entry: e.FactTaken) -> None:
    """What was told of somebody unknown, and is not so, holds for nobody."""
    for point, one in list(state.strangers.items()):
        stays = tuple(
            told
            for told in one.told
            if told.fact != fact or told.happened_at > entry.happened_at or entry.about not in {None, told.about}
        )
        if stays != one.told:
            state.strangers[point] = one.model_copy(update={"told": stays})


def _keep_call(state: DealState, entry: e.FactTaken) -> None:
    """Who was spoken with is not silent, nor is who called us, though nobody took it; an attempt of ours is nothing."""
    if entry.fact == CallLogged.name and entry.contact and (entry.variant == "connected" or entry.by_the_buyer):
        before = state.spoken_with.get(entry.contact, entry.happened_at)
        state.spoken_with[entry.contact] = max(entry.happened_at, before)


def _keep_wish(state: DealState, entry: e.FactTaken) -> None:
    """Remember what contacts said of a channel last."""
    if entry.fact not in WISHES:
        return
    contacts = {*(entry.concerns or ()), *([entry.contact] if entry.contact else [])}
    for whose in {*contacts, *text_consent.numbers_told_of(entry)}:
        key, known = f"{entry.variant} {whose}", state.channel_wishes.get(f"{entry.variant} {whose}")
        if known is None or known.at <= entry.happened_at:
            state.channel_wishes[key] = ChannelWish(allowed=WISHES[entry.fact], at=entry.happened_at)


def _silence(state: DealState, entry: e.FactTaken) -> None:
    for address in entry.addresses:
        before = state.silenced.get(address)
        since = min(before.since, entry.happened_at) if before else entry.happened_at
        state.silenced[address] = Silence(since=since, bounced=entry.bounced or (before is not None and before.bounced))
    if entry.contact and not entry.bounced:
        state.opted_out.setdefault(entry.contact, entry.happened_at)


def _keep_to_read(state: DealState, entry: e.FactTaken) -> None:
    if entry.message_id in state.unjudged and entry.contact is not None and entry.message_id is not None:
        one = ReplyToRead(message_id=entry.message_id, contact=entry.contact, at=entry.happened_at)
        state.to_read = {**state.to_read, entry.message_id: one}
