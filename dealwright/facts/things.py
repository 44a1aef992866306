"""Meetings, demos, proposals and contract terms: what a deal has of each kind, and which one it is about now.

Which one a fact is about says ``which_thing``, what it makes of it ``turns``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from dealwright.deal import Contract, Meeting, Proposal
from dealwright.facts.base import Thing
from dealwright.values.recorded import Recorded

Record: TypeAlias = Meeting | Proposal | Contract
TABLES: dict[Thing, str] = {"meeting": "meetings", "demo": "demos", "proposal": "proposals", "contract": "terms"}
"""Where the things of each kind stand in the deal's state."""
UNNAMED = ""
"""The key of the one that nobody named."""

STANDS = frozenset({"draft", "sent", "opened", "accepted", "booked", "signed"})
"""The statuses of what is still to come, or on the table."""
_CALLED = "called "
"""Stands in the path at which a former id of a thing is remembered."""
_IS_OVER_AFTER = timedelta(hours=12)
"""How long after its beginning a meeting of which nobody said what became of it is still the one meant."""


class Things(Recorded):
    """The things that an entry is about, as they are after it, by their keys."""

    meetings: dict[str, Meeting] = {}
    demos: dict[str, Meeting] = {}
    proposals: dict[str, Proposal] = {}
    terms: dict[str, Contract] = {}


def holding(thing: Thing, key: str, record: Record) -> Things:
    """One thing as an entry carries it."""
    return Things.model_validate({TABLES[thing]: {key: record}})


def key_named(table: Mapping[str, Record], named: str | None) -> str | None:
    """The key of the thing of that id; None where no such thing is known."""
    if named is None:
        return None
    return named if named in table else next((key for key, one in table.items() if one.id == named), None)


def also_called(thing: Thing, told: Mapping[str, datetime]) -> dict[str, str]:
    """The key of each thing of a kind by its former ids: each system calls one and the same by an id of its own."""
    prefix = f"{TABLES[thing]}."
    paths = (path.removeprefix(prefix).partition(f".{_CALLED}") for path in told if path.startswith(prefix))
    return {named: key for key, _, named in paths if named}


def names_left(key: str, old: Record | None, new: Record) -> tuple[str, ...]:
    """The paths at which the id is remembered that a thing had until another system told of it by its own."""
    left = None if old is None or old.id in {None, key, new.id} else old.id
    return () if left is None else (f"{_CALLED}{left}",)


def known_at_first(thing: Thing, key: str, record: Record, at: datetime) -> dict[str, datetime]:
    """By path, since when that holds which a deal knew of a thing when it was opened."""
    began = record.starts_at if isinstance(record, Meeting) else getattr(record, "sent_at", None)
    known = (name for name, value in record if value is not None)
    times = dict.fromkeys(known, at) | {"begun": min(began or at, at)}
    return {f"{TABLES[thing]}.{key}.{field}": when for field, when in times.items()}


def in_focus(
    thing: Thing, table: Mapping[str, Record], focus: str | None, now: datetime, told: Mapping[str, datetime]
) -> str | None:
    """The key of the one that the deal is about now; None where there is none.

    Of proposals it is the one that was sent, or accepted, last; of several at one moment, the one told last. Of
    meetings none that nobody gave a time, as long as there is another. ``told`` says when each field was told of, by
    its path.
    """
    if len(table) <= 1:
        return next(iter(table), None)
    if thing == "contract":
        signed = [int(key) for key, one in table.items() if stands_in_deal(one)]
        return str(max(signed or map(int, table)))
    standing = [key for key, one in table.items() if _stands(one, now)]
    if standing and thing == "proposal":
        return max(reversed(standing), key=lambda key: _put_or_taken(key, table[key], told))
    if standing:
        return min(standing, key=lambda key: start_of(table[key]))
    known = [key for key, one in table.items() if stands_in_deal(one)] or list(table)
    return focus if focus in known else known[-1]


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
    return start_of(current) + _IS_OVER_AFTER if any(_stands(one, start_of(current)) for one in others) else None


def another_stands(table: Mapping[str, Record], besides: str, now: datetime) -> bool:
    """Whether one that is not this one is still to come, or on the table."""
    if any(isinstance(one, Contract) for one in table.values()):
        return any(int(key) > int(besides) and stands_in_deal(one) for key, one in table.items())
    return any(_stands(one, now) for key, one in table.items() if key != besides)


def _stands(one: Record, now: datetime) -> bool:
    if isinstance(one, Meeting):
        return one.status == "booked" and one.starts_at is not None and one.starts_at + _IS_OVER_AFTER > now
    return one.status in STANDS


def booked_starts(*tables: Mapping[str, Record]) -> Iterator[datetime]:
    """When the meetings begin, or began, that are booked and of which nobody said what became of them."""
    for table in tables:
        for one in table.values():
            if isinstance(one, Meeting) and one.status == "booked" and one.starts_at is not None:
                yield one.starts_at


def start_of(one: Record) -> datetime:
    """When a meeting begins; long ago where that is not known, or it is none."""
    return one.starts_at if isinstance(one, Meeting) and one.starts_at else datetime.min.replace(tzinfo=UTC)


def _put_or_taken(key: str, one: Record, told: Mapping[str, datetime]) -> datetime:
    """When a proposal was put to the buyer, or, once they have, accepted."""
    accepted_at = told.get(f"{TABLES['proposal']}.{key}.status") if one.status == "accepted" else None
    return accepted_at or getattr(one, "sent_at", None) or datetime.min.replace(tzinfo=UTC)
