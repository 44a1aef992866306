"""Meetings, demos, proposals and contract terms: which one a fact is about, and what it is after the fact.

Facts arrive late, out of order, twice, and without ids. A fact changes the thing that it names, by when it happened:
what happened before a thing began anew says nothing about it now, and no status goes backwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from dealwright.deal import Contract, Meeting, Proposal
from dealwright.facts import AboutThing, ContractRenewed, ContractSigned, Thing
from dealwright.values.recorded import Recorded

Record: TypeAlias = Meeting | Proposal | Contract
TABLES: dict[Thing, str] = {"meeting": "meetings", "demo": "demos", "proposal": "proposals", "contract": "terms"}
"""Where the things of each kind stand in the deal's state."""
UNNAMED = ""
"""The key of the one that nobody named."""

_MODELS: dict[Thing, type[Record]] = {"meeting": Meeting, "demo": Meeting, "proposal": Proposal, "contract": Contract}
_RANKS = {
    "draft": 0, "sent": 1, "opened": 2, "expired": 3, "withdrawn": 3, "accepted": 4, "declined": 4,
    "booked": 0, "missed": 1, "cancelled": 1, "held": 2, "signed": 0,
}  # fmt: skip
_STANDS = {"draft", "sent", "opened", "accepted", "booked", "signed"}
_IS_OVER_AFTER = timedelta(hours=12)
"""How long after its beginning a meeting of which nobody said what became of it is still the one meant."""
_TIMES_OF_TELLING = {"sent_at"}
"""What a fact says by when it happened: two systems tell different times of one sending."""
_SENT_ONCE_WITHIN = timedelta(hours=12)
"""A proposal told as sent twice within this, with the same terms, went out once."""


class Things(Recorded):
    """The things that an entry is about, as they are after it, by their keys."""

    meetings: dict[str, Meeting] = {}
    demos: dict[str, Meeting] = {}
    proposals: dict[str, Proposal] = {}
    terms: dict[str, Contract] = {}


class Turned(NamedTuple):
    """What a fact made of its thing."""

    record: Record
    taught: tuple[str, ...]
    """The fields about which it was the latest to say something."""
    no_news: str | None
    """Why nothing follows from it: it was known, is older than what is known, or another one stands."""


def holding(thing: Thing, key: str, record: Record) -> Things:
    """One thing as an entry carries it."""
    return Things.model_validate({TABLES[thing]: {key: record}})


def meant(fact: AboutThing, table: Mapping[str, Record], focus: str | None, at: datetime) -> str:
    """The key of the thing that a fact is about, be it known or not."""
    if fact.thing == "contract":
        return _term_meant(fact, {key: one for key, one in table.items() if isinstance(one, Contract)}, at)
    begins, named = fact.turn == "begins", fact.named
    if named is not None:
        known = key_named(table, named)
        if known is None and begins:
            others = ((key, one) for key, one in table.items() if one.id is None or isinstance(one, Meeting))
            known = next((key for key, one in others if _is_told_by(fact, one, at)), None)
        if known is None and not begins and focus == UNNAMED and table[UNNAMED].id is None:
            known = UNNAMED
        return named if known is None else known
    date = getattr(fact, "starts_at", None)
    if begins:
        stands = focus is not None and focus in table and table[focus].status in _STANDS
        if stands and focus is not None:
            return focus
        has_a_name = UNNAMED in table and table[UNNAMED].id is not None
        return f"@{(date or at).astimezone(UTC).isoformat()}" if has_a_name else UNNAMED
    if date is not None and any(getattr(one, "starts_at", None) for one in table.values()):
        same = [key for key, one in table.items() if getattr(one, "starts_at", None) == date]
        return same[0] if same else f"@{date.astimezone(UTC).isoformat()}"
    return UNNAMED if focus is None else focus


def key_named(table: Mapping[str, Record], named: str | None) -> str | None:
    """The key of the thing of that id; None where no such thing is known."""
    if named is None:
        return None
    return named if named in table else next((key for key, one in table.items() if one.id == named), None)


def _is_told_by(fact: AboutThing, one: Record, at: datetime) -> bool:
    """Whether a fact that begins something tells of this one, which another system told of, perhaps by its own name."""
    says = dict(fact.says())
    if isinstance(one, Meeting):
        return one.status == "booked" and one.starts_at == says.get("starts_at")
    return isinstance(one, Proposal) and one.status in _STANDS and _is_repeated(fact, one, at)


def known_at_first(thing: Thing, key: str, record: Record, at: datetime) -> dict[str, datetime]:
    """By path, since when that holds which a deal knew of a thing when it was opened."""
    began = record.starts_at if isinstance(record, Meeting) else getattr(record, "sent_at", None)
    known = (name for name, value in record if value is not None)
    times = dict.fromkeys(known, at) | {"begun": min(began or at, at)}
    return {f"{TABLES[thing]}.{key}.{field}": when for field, when in times.items()}


def _term_meant(fact: AboutThing, terms: Mapping[str, Contract], at: datetime) -> str:
    for number, term in terms.items():
        if fact.named is not None and fact.named in {number, term.id}:
            return number
    last = max((int(number) for number, term in terms.items() if stands_in_deal(term)), default=0)
    if isinstance(fact, ContractSigned):
        renews = isinstance(fact, ContractRenewed)  # never the first term, whatever its days are
        same = [n for n, term in terms.items() if term.starts_on == fact.starts_on and not (renews and n == "1")]
        if same:
            return same[0]
        follows = last and (ends_on := terms[str(last)].ends_on) is not None and fact.starts_on > ends_on
        if renews:
            return str(max(last, 1) + 1)
        return str(last + 1 if follows else max(last, 1))
    if fact.status is None:  # an amendment: of the term that runs
        for number, term in terms.items():
            if term.starts_on and term.ends_on and term.starts_on <= at.date() <= term.ends_on:
                return number
    return str(max(last, 1))


def in_focus(
    thing: Thing, table: Mapping[str, Record], focus: str | None, now: datetime, told: Mapping[str, datetime]
) -> str | None:
    """The key of the one that the deal is about now; None where there is none.

    Of proposals it is the one that was sent, or accepted, last. ``told`` says when each field was told of, by its path.
    """
    if len(table) <= 1:
        return next(iter(table), None)
    if thing == "contract":
        signed = [int(key) for key, one in table.items() if stands_in_deal(one)]
        return str(max(signed or map(int, table)))
    standing = [key for key, one in table.items() if _stands(one, now)]
    if standing and thing == "proposal":
        return max(standing, key=lambda key: _put_or_taken(key, table[key], told))
    if standing:
        return min(standing, key=lambda key: _start(table[key]))
    return focus if focus in table else list(table)[-1]


def stands_in_deal(one: Record) -> bool:
    """Whether enough is known of it to be read in conditions and messages: its dates."""
    if isinstance(one, Meeting):
        return one.starts_at is not None
    return not isinstance(one, Contract) or (one.starts_on is not None and one.ends_on is not None)


def moves_on_at(table: Mapping[str, Record], focus: str | None, now: datetime) -> datetime | None:
    """When the deal is about another meeting than this one, because this one is over by then; None for never."""
    current = table.get(focus or UNNAMED)
    if len(table) == 1 or not isinstance(current, Meeting) or not _stands(current, now):
        return None
    others = (one for key, one in table.items() if key != focus)
    return _start(current) + _IS_OVER_AFTER if any(_stands(one, _start(current)) for one in others) else None


def another_stands(table: Mapping[str, Record], besides: str, now: datetime) -> bool:
    """Whether one that is not this one is still to come, or on the table."""
    if any(isinstance(one, Contract) for one in table.values()):
        return any(int(key) > int(besides) and stands_in_deal(one) for key, one in table.items())
    return any(_stands(one, now) for key, one in table.items() if key != besides)


def turn(
    fact: AboutThing, old: Record | None, taught: Mapping[str, datetime], at: datetime, *, first_told: bool = False
) -> Turned:
    """What a fact makes of its thing. ``taught`` says, by field, when the latest news of it happened.

    ``first_told`` says that nobody told it before: it counts, though what it says was known in another way.
    """
    record = old if old is not None else _MODELS[fact.thing]()
    said = {name: value for name, value in fact.says() if at >= taught.get(name, at)}
    if fact.turn == "begins":
        if old is not None and not first_told and _is_repeated(fact, old, at):
            stands = isinstance(record, Meeting) and at >= max(taught.get("status", at), taught.get("begun", at))
            paths = ("status", "begun") if stands else ()
            return Turned(record.model_copy(update=_named(fact, {})), paths, "known already")
        return _begun(fact, record, said, taught, at, first_told=first_told)
    before = taught.get("begun", at) > at
    changes, no_news = dict(said), None
    if before and not (first_told and fact.status == record.status):
        changes, no_news = {}, "older than what is known"
    elif fact.status == "cancelled" and "moved" in taught and getattr(fact, "starts_at", None) not in {
        None, getattr(record, "starts_at", None)
    }:  # fmt: skip
        no_news = "it was moved, and that is another time"
    elif fact.status == "missed" and "moved" in taught and _start(record) > at:
        no_news = "it was moved, and is still to come"
    elif fact.status is not None:
        no_news = _status_stays(fact, record, taught, at, first_told=first_told)
        again = fact.status == record.status or _is_level(fact.status, record.status)
        if no_news is None or (again and at >= taught.get("status", at)):
            changes["status"] = fact.status
    return Turned(record.model_copy(update=_named(fact, changes)), tuple(changes), no_news)


def _begun(
    fact: AboutThing, record: Record, said: dict[str, object], taught: Mapping[str, datetime], at: datetime,
    *, first_told: bool,
) -> Turned:  # fmt: skip
    late = taught.get("status", at) > at or taught.get("begun", at) > at
    if late and first_told and _says_what_is_known(fact, record):
        return Turned(record.model_copy(update=_named(fact, {})), (), None)
    went_on = late and first_told and _has_gone_on(record, taught, at)
    changes = dict(said) if late else {**said, "status": fact.status}
    if isinstance(record, Proposal) and not late:
        changes["opened_at"] = None
    moved = (
        isinstance(record, Meeting)
        and record.status == "booked"
        and record.starts_at not in {None, said.get("starts_at")}
    )
    paths = (*changes, *(() if late and not went_on else ("begun",)), *(("moved",) if moved and not late else ()))
    no_news = "older than what is known" if late and not went_on else None
    return Turned(record.model_copy(update=_named(fact, changes)), paths, no_news)


def _has_gone_on(record: Record, taught: Mapping[str, datetime], at: datetime) -> bool:
    """Whether what begins now went on since, as was told before: a proposal was opened or answered, a meeting held."""
    goes_on = record.status == "held" if isinstance(record, Meeting) else isinstance(record, Proposal)
    return goes_on and record.status not in {"draft", "sent"} and taught.get("begun", at) <= at


def _is_repeated(fact: AboutThing, old: Record, at: datetime) -> bool:
    if isinstance(old, Proposal):
        recent = old.sent_at is not None and abs(at - old.sent_at) < _SENT_ONCE_WITHIN
        if old.status not in {"sent", "opened", "accepted"} or not (recent or old.status == "accepted"):
            return False
    elif old.status != fact.status:
        return False
    return all(getattr(old, name) == value for name, value in fact.says() if name not in _TIMES_OF_TELLING)


def _says_what_is_known(fact: AboutThing, record: Record) -> bool:
    told = all(getattr(record, name) == value for name, value in fact.says() if name not in _TIMES_OF_TELLING)
    return told and record.status == fact.status


def _status_stays(
    fact: AboutThing, record: Record, taught: Mapping[str, datetime], at: datetime, *, first_told: bool
) -> str | None:
    """Why a thing's status stays as it is, or nothing follows from the new one; None when it changes."""
    new, old = fact.status or "", record.status
    if not _is_known_which(fact, record):
        told_at = taught.get("status")
        if told_at == at and new == old and not first_told:
            return "known already"
        return "older than what is known" if told_at is not None and told_at > at else None
    if _RANKS.get(new, 0) < _RANKS.get(old, 0):
        return f"it was {old} already"
    if new == old:
        return None if fact.turn == "goes_on" or first_told else "known already"
    if _is_level(new, old):
        if isinstance(record, Meeting):
            return f"it was {old} already"
        return "older than what is known" if taught.get("status", at) > at else None
    return None


def _is_level(new: str, old: str) -> bool:
    return new != old and _RANKS.get(new, 0) == _RANKS.get(old, 0)


def _is_known_which(fact: AboutThing, record: Record) -> bool:
    """Whether it is known which one is meant, so that the same end told twice is one end: by its date, or its id."""
    if not isinstance(record, Meeting) or record.starts_at is not None:
        return True
    return record.id is not None and record.id == fact.named


def _named(fact: AboutThing, changes: dict[str, object]) -> dict[str, object]:
    if fact.named is None or (fact.thing == "contract" and fact.named.isdecimal()):
        return changes
    return {**changes, "id": fact.named}


def _stands(one: Record, now: datetime) -> bool:
    if isinstance(one, Meeting):
        return one.status == "booked" and one.starts_at is not None and one.starts_at + _IS_OVER_AFTER > now
    return one.status in _STANDS


def _start(one: Record) -> datetime:
    return one.starts_at if isinstance(one, Meeting) and one.starts_at else datetime.min.replace(tzinfo=UTC)


def _put_or_taken(key: str, one: Record, told: Mapping[str, datetime]) -> datetime:
    """When a proposal was put to the buyer, or, once they have, accepted."""
    accepted_at = told.get(f"{TABLES['proposal']}.{key}.status") if one.status == "accepted" else None
    return accepted_at or getattr(one, "sent_at", None) or datetime.min.replace(tzinfo=UTC)
