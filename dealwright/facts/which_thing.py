"""Which meeting, demo, proposal or contract term a fact is about: facts name them by their id, by their date, or not.

What nobody named is the one that the deal is about now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from dealwright.deal import Contract, Meeting, Proposal
from dealwright.facts import AboutThing, ContractRenewed, ContractSigned
from dealwright.facts.things import STANDS, TABLES, UNNAMED, Record, also_called, key_named, stands_in_deal
from dealwright.facts.turns import TERM_DATED_WITHIN, days_between, is_repeated


def meant(
    fact: AboutThing, table: Mapping[str, Record], focus: str | None, at: datetime, told: Mapping[str, datetime]
) -> str:
    """The key of the thing that a fact is about, be it known or not; ``told``: when each field was told of, by path."""
    if fact.thing == "contract":
        return _term_meant(fact, {key: one for key, one in table.items() if isinstance(one, Contract)}, at)
    begins, named = fact.turn == "begins", fact.named
    if named is not None:
        known = key_named(table, named)
        known = also_called(fact.thing, told).get(named) if known is None else known
        if known is None and begins:
            others = {key: one for key, one in table.items() if one.id is None or isinstance(one, Meeting)}
            known = _told_by(fact, others, at, told)
        if known is None and not begins:
            known = _not_named_yet(fact, table, focus)
        return named if known is None else known
    date = getattr(fact, "starts_at", None)
    if begins:
        meetings = {key: one for key, one in table.items() if isinstance(one, Meeting)}
        booked = _told_by(fact, {key: one for key, one in meetings.items() if one.status == "booked"}, at, told)
        stands = focus is not None and focus in table and table[focus].status in STANDS
        known = booked if booked is not None else focus if stands else _told_by(fact, meetings, at, told)
        if known is not None:
            return known
        has_a_name = UNNAMED in table and table[UNNAMED].id is not None
        return f"@{(date or at).astimezone(UTC).isoformat()}" if has_a_name else UNNAMED
    if date is not None and any(getattr(one, "starts_at", None) for one in table.values()):
        same = _at_that_time(date, table)
        return f"@{date.astimezone(UTC).isoformat()}" if same is None else same
    return UNNAMED if focus is None else focus


def _not_named_yet(fact: AboutThing, table: Mapping[str, Record], focus: str | None) -> str | None:
    """The key of the one that a fact tells the name of; None where the name is of one that was not told of yet.

    It is the one of that date, else the one that the deal is about now, if nobody has named that one: unless another
    date of it is called off.
    """
    date = getattr(fact, "starts_at", None)
    if date is not None and (same := _at_that_time(date, table)) is not None:
        return same
    about = table.get(focus) if focus is not None else None
    if about is None or about.id is not None:
        return None
    is_another = fact.status == "cancelled" and date is not None and getattr(about, "starts_at", None) is not None
    return None if is_another else focus


def _at_that_time(date: datetime, table: Mapping[str, Record]) -> str | None:
    """The key of the meeting at a time, of several of the one that stands; None where there is none."""
    same = [key for key, one in table.items() if getattr(one, "starts_at", None) == date]
    return min(same, key=lambda key: table[key].status not in STANDS, default=None)


def _told_by(fact: AboutThing, known: Mapping[str, Record], at: datetime, told: Mapping[str, datetime]) -> str | None:
    """The key of the one that a fact tells the beginning of, which another system told of, perhaps by its own name.

    So it does of a meeting at that time, also where that is over by now: if it was booked before it was over.
    """
    for key, one in known.items():
        since = told.get(f"{TABLES[fact.thing]}.{key}.status")
        if _is_told_by(fact, one, at, is_before=since is not None and at <= since):
            return key
    return None


def _is_told_by(fact: AboutThing, one: Record, at: datetime, *, is_before: bool) -> bool:
    if isinstance(one, Meeting):
        return one.starts_at == dict(fact.says()).get("starts_at") and (is_before or one.status == "booked")
    return isinstance(one, Proposal) and one.status in STANDS and is_repeated(fact, one, at)


def _term_meant(fact: AboutThing, terms: Mapping[str, Contract], at: datetime) -> str:
    for number, term in terms.items():
        if fact.named is not None and fact.named in {number, term.id}:
            return number
    last = max((int(number) for number, term in terms.items() if stands_in_deal(term)), default=0)
    if isinstance(fact, ContractSigned):
        renews = isinstance(fact, ContractRenewed)  # never the first term, whatever its days are
        near = {
            n: days for n, term in terms.items() if (days := days_between(fact.starts_on, term.starts_on)) is not None
        }
        same = [n for n, days in near.items() if days <= (TERM_DATED_WITHIN if renews else timedelta())]
        if same := [n for n in same if not (renews and n == "1")]:
            return min(same, key=lambda n: near[n])
        follows = last and (ends_on := terms[str(last)].ends_on) is not None and fact.starts_on > ends_on
        if renews:
            return str(max(last, 1) + 1)
        return str(last + 1 if follows else max(last, 1))
    if fact.status is None:  # an amendment: of the term that runs
        for number, term in terms.items():
            if term.starts_on and term.ends_on and term.starts_on <= at.date() <= term.ends_on:
                return number
    return str(max(last, 1))
