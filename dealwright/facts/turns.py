"""What facts make of meetings, demos, proposals and contract terms.

Facts arrive late, out of order, and twice. A fact changes its thing by when it happened: what happened before a thing
began anew says nothing about it now, and no status goes backwards. What became of a thing since is remembered by when
it happened, also where nothing followed from it: a beginning that is told only later may have come before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dealwright.deal import Contract, Meeting, Proposal
from dealwright.facts import FACTS, AboutThing, ContractRenewed, Thing
from dealwright.facts.things import Record, start_of

_MODELS: dict[Thing, type[Record]] = {"meeting": Meeting, "demo": Meeting, "proposal": Proposal, "contract": Contract}
_RANKS = {
    "draft": 0, "sent": 1, "opened": 2, "expired": 3, "withdrawn": 3, "accepted": 4, "declined": 4,
    "booked": 0, "missed": 1, "cancelled": 1, "held": 2, "signed": 0,
}  # fmt: skip
_TIMES_OF_TELLING = {"sent_at"}
"""What a fact says by when it happened: two systems tell different times of one sending."""
_SENT_ONCE_WITHIN = timedelta(hours=12)
"""A proposal told as sent twice within this, with the same terms, went out once."""
TERM_DATED_WITHIN = timedelta(days=7)
"""Two systems date one renewal by so much apart, at the most: by its signature, its first invoice, or a time zone."""
CORRECTED = "corrected"
"""The path at which a thing's status was last set by hand: what was told of it before says nothing any more."""


class Turned(NamedTuple):
    """What a fact made of its thing."""

    record: Record
    taught: tuple[str, ...]
    """The fields about which it was the latest to say something, and what else is remembered by its time:
    ``begun``, ``moved``, and the fact itself, where it may have ended the thing."""
    no_news: str | None
    """Why nothing follows from it: it was known, is older than what is known, or another one stands."""


def turn(
    fact: AboutThing, old: Record | None, taught: Mapping[str, datetime], at: datetime, *, first_told: bool = False
) -> Turned:
    """What a fact makes of its thing. ``taught`` says, by path, when the latest news of it happened.

    ``first_told`` says that nobody told it before: it counts, though what it says was known in another way.
    """
    record = old if old is not None else _MODELS[fact.thing]()
    said = {name: value for name, value in fact.says() if at >= taught.get(name, at)}
    if fact.turn == "begins":
        if old is not None and not first_told and is_repeated(fact, old, at):
            return Turned(
                record.model_copy(update=_named(fact, {})), _of_repeated(record, said, taught, at), "known already"
            )
        if isinstance(old, Contract) and not first_told and _is_dated_anew(fact, old):
            paths = tuple(dict.fromkeys((*said, *_of_repeated(record, said, taught, at))))
            return Turned(record.model_copy(update=_named(fact, said)), paths, "known already")
        return _begun(fact, record, said, taught, at, first_told=first_told)
    if taught.get("begun", at) > at and not (first_told and fact.status == record.status):
        # What was agreed before stays, as far as the beginning leaves it. An end of before is none of this one, nor
        # is its name: that of the one which was over by then.
        kept = _named(fact, said) if fact.status is None else {}
        paths = tuple(said) if fact.status is None else ()
        return Turned(record.model_copy(update=kept), paths, "older than what is known")
    return _goes_on(fact, record, said, taught, at, first_told=first_told)


def _goes_on(
    fact: AboutThing, record: Record, said: dict[str, object], taught: Mapping[str, datetime], at: datetime,
    *, first_told: bool,
) -> Turned:  # fmt: skip
    changes = dict(said)
    told_at = _status_since(record, taught)
    no_news = _is_off(fact.status, getattr(fact, "starts_at", None), at, record) if "moved" in taught else None
    if no_news is None and fact.status is not None:
        no_news = _status_stays(fact, record, told_at, at, first_told=first_told)
        again = fact.status == record.status or _is_level(fact.status, record.status)
        if no_news is None or (again and (told_at is None or at >= told_at)):
            changes["status"] = fact.status
    paths = (*changes, *(path for path in _remembered_as(fact) if at >= taught.get(path, at)))
    return Turned(record.model_copy(update=_named(fact, changes)), paths, no_news)


def _begun(
    fact: AboutThing, record: Record, said: dict[str, object], taught: Mapping[str, datetime], at: datetime,
    *, first_told: bool,
) -> Turned:  # fmt: skip
    began = taught.get("begun", at)
    moved = isinstance(record, Meeting) and record.starts_at not in {None, getattr(fact, "starts_at", None)}
    after = record.model_copy(update=_named(fact, said))
    status = _status_after(fact, after, taught, at, moved=moved or "moved" in taught)
    late = began > at or taught.get("status", at) > at or status != fact.status
    if late and first_told and _says_what_is_known(fact, record):
        return Turned(record.model_copy(update=_named(fact, {})), (), None)
    went_on = late and first_told and began <= at and _has_gone_on(record, status)
    changes = dict(said) if late and status == record.status else {**said, "status": status}
    if isinstance(record, Proposal) and began <= at >= taught.get("opened_at", at):
        changes["opened_at"] = None
    paths = (*changes, *(("begun",) if began <= at else ()), *(("moved",) if moved else ()))
    no_news = "older than what is known" if late and not went_on else None
    return Turned(record.model_copy(update=_named(fact, changes)), paths, no_news)


def days_between(one: date | None, other: date | None) -> timedelta | None:
    """How far two days are apart; None where one is not known."""
    return None if one is None or other is None else abs(one - other)


def _is_dated_anew(fact: AboutThing, old: Contract) -> bool:
    """Whether a renewal is told again, a few days to or fro: its days are corrected, and nothing begins by it."""
    if not isinstance(fact, ContractRenewed) or old.status != fact.status:
        return False
    apart = (days_between(fact.starts_on, old.starts_on), days_between(fact.ends_on, old.ends_on))
    others = (getattr(old, name) == value for name, value in fact.says() if name not in {"starts_on", "ends_on"})
    return all(days is not None and days <= TERM_DATED_WITHIN for days in apart) and all(others)


def _of_repeated(
    record: Record, said: Mapping[str, object], taught: Mapping[str, datetime], at: datetime
) -> tuple[str, ...]:
    """What a beginning that is told again says anew: that it stands, as it is; of a proposal, what it costs."""
    if isinstance(record, Proposal):
        return tuple(name for name in said if name == "amount")
    stands = at >= max(taught.get("status", at), taught.get("begun", at))
    return (*said, *(("status", "begun") if stands else ()))


def _has_gone_on(record: Record, status: str) -> bool:
    """Whether what begins now went on since, as was told before: a proposal was opened or answered, a meeting held."""
    goes_on = status == "held" if isinstance(record, Meeting) else isinstance(record, Proposal)
    return goes_on and status not in {"draft", "sent"}


def _status_after(
    fact: AboutThing, record: Record, taught: Mapping[str, datetime], at: datetime, *, moved: bool
) -> str:
    """The status of what begins at a time, or began since: what became of it afterwards, as far as that is known."""
    now, set_at, began = record.status or "", taught.get("status"), taught.get("begun", at)
    since = max(at, began, taught.get(CORRECTED, at))
    ends = [
        (_RANKS[status], when, status)
        for status, when in _ends(record, taught, moved=moved)
        if when > since or (when == since == began > at and status == now)  # at one moment, the order of arrival holds
    ]
    is_told = any(status == now and set_at is not None and when >= set_at for status, _, when in _told(taught))
    if (
        set_at is not None and set_at > at and set_at >= since and not is_told
    ):  # known at first, set by hand, or told long ago
        ends.append((_RANKS.get(now, 0), set_at, now))
    return max(ends)[2] if ends else fact.status or ""


def status_besides(kind: type[AboutThing], record: Record, taught: Mapping[str, datetime]) -> str | None:
    """What became of a thing since it began, apart from what one kind of fact says; None where nothing else did."""
    since = max((taught[path] for path in ("begun", CORRECTED) if path in taught), default=None)
    ends = [
        (_RANKS[status], when, status)
        for status, when in _ends(record, taught, moved="moved" in taught)
        if status != kind.status and (since is None or when > since)
    ]
    return max(ends)[2] if ends else None


def _ends(record: Record, taught: Mapping[str, datetime], *, moved: bool) -> Iterator[tuple[str, datetime]]:
    """What was told to have become of a thing and when, but for ends of the time from which it was moved."""
    for status, told_of, when in _told(taught):
        if not (moved and _is_off(status, told_of, when, record)):
            yield status, when


def _told(taught: Mapping[str, datetime]) -> Iterator[tuple[str, datetime | None, datetime]]:
    """What was told to have become of a thing: its status, of which date that was, and when it happened last."""
    for path, when in taught.items():
        name, _, date = path.partition("@")
        kind = FACTS.get(name)
        if kind is not None and issubclass(kind, AboutThing) and kind.status is not None:
            yield kind.status, datetime.fromisoformat(date) if date else None, when


def _remembered_as(fact: AboutThing) -> tuple[str, ...]:
    """The path at which it is remembered when this last happened to its thing."""
    date = getattr(fact, "starts_at", None) if fact.status == "cancelled" else None
    return () if fact.status is None else (f"{fact.name}@{date.isoformat()}" if date else fact.name,)


def _status_since(record: Record, taught: Mapping[str, datetime]) -> datetime | None:
    """When that happened last by which a thing has its status; None where nobody told."""
    times = [when for status, _, when in _told(taught) if status == record.status]
    return max([*times, *([taught["status"]] if "status" in taught else [])], default=None)


def _is_off(status: str | None, date: datetime | None, at: datetime, record: Record) -> str | None:
    """Why an end is none of a meeting that was moved; None where it may be its end."""
    if status == "cancelled" and date not in {None, getattr(record, "starts_at", None)}:
        return "it was moved, and that is another time"
    return "it was moved, and is still to come" if status == "missed" and start_of(record) > at else None


def is_repeated(fact: AboutThing, old: Record, at: datetime) -> bool:
    """Whether a fact tells of a beginning that is known already, perhaps from another system."""
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
    fact: AboutThing, record: Record, told_at: datetime | None, at: datetime, *, first_told: bool
) -> str | None:
    """Why a thing's status stays as it is, or nothing follows from the new one; None when it changes."""
    new, old = fact.status or "", record.status
    if not _is_known_which(fact, record):
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
        return "older than what is known" if told_at is not None and told_at > at else None
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
