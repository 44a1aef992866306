"""What a deal learns: facts count by when they happened, part by part.

A patch says what somebody says of some parts. Of these, each part about which something newer is known stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from dealwright.deal import Account, Contact, Deal, Known
from dealwright.facts import FACTS, AboutThing, Fact
from dealwright.facts.billing import AboutInvoice
from dealwright.facts.things import (
    TABLES,
    UNNAMED,
    Things,
    another_stands,
    in_focus,
    names_left,
    stands_in_deal,
)
from dealwright.facts.turns import turn
from dealwright.facts.which_thing import meant
from dealwright.learning.agreed import FIRST, is_sent_first, passed_on, with_what_was_agreed
from dealwright.learning.amounts import Said, amount_offered, signed_last
from dealwright.qualification import Qualification
from dealwright.state import DealState
from dealwright.values.recorded import Recorded

_REPLACED = "replaced"
"""What replaces a proposal says its own amount: meanwhile none of the others does."""
_MERGED = ("account", "qualification")
THINGS: tuple[str, ...] = tuple(TABLES)
"""The parts of a deal that are about one of several things."""


class Lesson(NamedTuple):
    """What a fact teaches a deal."""

    learned: Known | None = None
    """The parts that change, as they are afterwards."""
    taught: tuple[str, ...] = ()
    """The paths about which it is the latest to say something."""
    things: Things | None = None
    about: str | None = None
    """What it is about: ``demo/<id>``."""
    focus: dict[str, str] = {}
    """For each kind of thing that it is about, the key of the one that the deal is about from here on."""
    no_news: str | None = None
    """Why nothing follows from it, for the story; None when it counts."""
    in_crm: dict[str, str | None] = {}
    """What the deal's record in the CRM holds by it, by part; None where that is not sure."""
    takes_back_older: bool = False
    """It takes back only what happened before it: the same was told again since."""
    beside: bool = False
    """Something follows all the same for what is about its thing: that one ended, and another one stands."""


def lesson(state: DealState, deal: Deal, fact: Fact, said: Known | None, at: datetime, now: datetime) -> Lesson:
    """What a fact that happened at a time teaches. ``fact.at`` is that time, ``said`` what it says of any deal."""
    if not isinstance(fact, AboutThing):
        if (back := state.retracted.get(fact.name)) is not None and at <= back:
            return Lesson(no_news="it was taken back")
        learned, taught = news(state, deal, said, at)
        return Lesson(learned, taught, about=fact.about if isinstance(fact, AboutInvoice) else None)
    plain = said.model_copy(update=dict.fromkeys(THINGS)) if said is not None else None
    learned, taught = news(state, deal, plain, at)
    return _of_thing(state, fact, Lesson(learned, taught), at, now)


def _of_thing(state: DealState, fact: AboutThing, so_far: Lesson, at: datetime, now: datetime) -> Lesson:
    name = TABLES[fact.thing]
    table, focus = getattr(state, name), state.focus.get(fact.thing)
    key = meant(fact, table, focus, at, state.taught)
    about = f"{fact.thing}/{key}"
    if _is_back(state, fact.name, about, at):
        return Lesson(about=about, no_news="it was taken back")
    old = table.get(key)
    goes_out = fact.turn == "begins" and fact.thing == "proposal" and is_sent_first(key, state.taught, at)
    if goes_out:
        old = with_what_was_agreed(table, key, focus, state.taught, at)
    prefix = f"{name}.{key}."
    turned = turn(fact, old, known_of(state, prefix, about), at, first_told=not _was_told(state, fact, about))
    no_news = turned.no_news
    paths = (*turned.taught, *names_left(key, old, turned.record), *((FIRST,) if goes_out else ()))
    taught = tuple(prefix + path for path in paths)
    told = state.taught | dict.fromkeys(taught, at)
    changed = {key: turned.record}
    if fact.thing == "proposal":
        changed |= passed_on({**table, **changed}, key, turned.taught, told, at)
    after = {**table, **changed}
    beside = no_news is None and fact.turn == "goes_badly" and another_stands(after, key, now)
    if beside:
        no_news = "another one stands"
    now_about = in_focus(fact.thing, after, focus, now, told) or UNNAMED
    changes = so_far.learned.changes() if so_far.learned else {}
    if stands_in_deal(after[now_about]):
        changes[fact.thing] = after[now_about]
    said_at = at if "amount" in so_far.taught else state.taught.get("amount")
    known = changes.get("amount", state.deal.amount if state.deal else None)
    is_another = (now_about != key or fact.turn == "begins") and fact.variant != _REPLACED
    amount = amount_offered(table, after, now_about, told, Said(known, said_at, signed_last(state.happened)))
    if amount is not None and (is_another or after[now_about].status == "accepted"):
        changes["amount"] = amount
    learned = Known.model_validate(changes) if changes else None
    return Lesson(
        learned=learned,
        taught=(*so_far.taught, *taught),
        things=Things.model_validate({name: changed}),
        about=about,
        focus={fact.thing: now_about},
        no_news=no_news,
        beside=beside,
    )


def known_of(state: DealState, prefix: str, about: str) -> dict[str, datetime]:
    """Of one thing, by path, when the latest news of it happened that was not taken back."""
    known = {path.removeprefix(prefix): when for path, when in state.taught.items() if path.startswith(prefix)}
    return {path: when for path, when in known.items() if not _is_back(state, path.partition("@")[0], about, when)}


def _is_back(state: DealState, fact: str, about: str, at: datetime) -> bool:
    """Whether a fact that happened to a thing at a time was taken back."""
    taken_back = (state.retracted.get(key) for key in (f"{fact} {about}", fact))
    return any(back is not None and at <= back for back in taken_back)


def _was_told(state: DealState, fact: AboutThing, about: str) -> bool:
    """Whether the same was told of the same thing before: a renewal tells of a signature, and not the other way."""
    return any(f"{name} {about}" in state.happened_to for name in _names_of(type(fact)))


@cache
def _names_of(kind: type[AboutThing]) -> tuple[str, ...]:
    """The facts that are of a kind: it and its refinements."""
    return tuple(name for name, fact in FACTS.items() if issubclass(fact, kind))


def news(state: DealState, deal: Deal, said: Known | None, at: datetime) -> tuple[Known | None, tuple[str, ...]]:
    """Of what somebody says, the parts that are news, as they are afterwards, and their paths."""
    if said is None:
        return None, ()
    is_news = _judge(state, deal, at)
    cleared = tuple(path for path in (*(said.cleared or ()), *_nothings(said)) if is_news(path))
    changes: dict[str, object] = {}
    taught, deal = list(cleared), deal.without(cleared) if cleared else deal
    for part, value in said.changes().items():
        if part == "cleared":
            continue
        paths = [path for path in leaves(part, value) if is_news(path)]
        taught += paths
        if paths:
            changes[part] = _after(deal, part, value, frozenset(paths))
    if cleared:
        changes["cleared"] = cleared
    return (Known.model_validate(changes) if changes else None), tuple(taught)


class _judge:  # noqa: N801 - a function with what it knows
    def __init__(self, state: DealState, deal: Deal, at: datetime) -> None:
        self._state, self._deal, self._at = state, deal, at

    def __call__(self, path: str) -> bool:
        """Whether nothing newer is known of this path, or of what it stands in."""
        latest = [when for each in _with_parents(path) if (when := self._state.taught.get(each)) is not None]
        if latest:
            return max(latest) <= self._at
        opened_at = self._state.opened_at
        return opened_at is None or self._at >= opened_at or value_at(self._deal, path) is None


def _with_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition(".")[0]


def leaves(part: str, value: object) -> Iterator[str]:
    """The paths of what a part says: each field of a merged one, each contact's, note or the like; else the part."""
    if part == "contacts" and isinstance(value, tuple):
        for contact in value:
            yield from (f"contacts.{contact.id}.{field}" for field, each in contact if each is not None)
    elif isinstance(value, dict):
        yield from (f"{part}.{key}" for key, each in value.items() if each is not None)
    elif part in _MERGED and isinstance(value, Recorded):
        yield from (f"{part}.{field}" for field, each in value if each is not None and each != ())
    else:
        yield part


def value_at(deal: Deal, path: str) -> object:
    """What a deal knows at a path; None for nothing."""
    value: object = deal
    rest = path
    while rest and value is not None:
        if isinstance(value, Mapping):
            value, rest = value.get(rest), ""
            continue
        if isinstance(value, tuple):
            value, rest = _of_contact(value, rest)
            continue
        name, _, rest = rest.partition(".")
        value = getattr(value, name, None)
    return value


def _of_contact(contacts: tuple[object, ...], rest: str) -> tuple[object, str]:
    for one in contacts:
        id_ = str(getattr(one, "id", ""))
        if rest == id_ or rest.startswith(f"{id_}."):
            return one, rest[len(id_) + 1 :]
    return None, ""


def _nothings(said: Known) -> Iterator[str]:
    """The paths that somebody gave as nothing (``null``): what is known there is known no longer."""
    for part in ("account", "qualification"):
        model = getattr(said, part)
        if isinstance(model, Account | Qualification):
            yield from (f"{part}.{field}" for field in _given_as_nothing(model))
    for contact in said.contacts or ():
        yield from (f"contacts.{contact.id}.{field}" for field in _given_as_nothing(contact))
    yield from (f"fields.{name}" for name, value in (said.fields or {}).items() if value is None)


def _given_as_nothing(model: Account | Qualification | Contact) -> list[str]:
    return sorted(field for field in model.model_fields_set if getattr(model, field) is None)


def _after(deal: Deal, part: str, value: object, news_: frozenset[str]) -> object:
    """A part as it is after what was said of it; of contacts, notes, fields and owners those that change."""
    if part == "contacts" and isinstance(value, tuple):
        known = {one.id: one for one in deal.contacts or ()}
        return tuple(
            _merged(known.get(one.id), one, f"contacts.{one.id}", news_)
            for one in value
            if any(path.startswith(f"contacts.{one.id}.") for path in news_)
        )
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if f"{part}.{key}" in news_}
    if part in _MERGED and isinstance(value, Recorded):
        old = getattr(deal, part)
        another = part == "account" and old is not None and old.id != getattr(value, "id", None)
        return value if another else _merged(old, value, part, news_)
    return value


def _merged(old: object, new: Recorded, path: str, news_: frozenset[str]) -> Recorded:
    if not isinstance(old, Recorded):
        return new
    return old.model_copy(update={field: each for field, each in new if f"{path}.{field}" in news_})
