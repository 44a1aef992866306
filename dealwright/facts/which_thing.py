"""Which meeting, demo, proposal or contract term a fact is about: facts name them by their id, by their date, or not.

What nobody named is the one that the deal is about now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from dealwright.deal import Contract, Meeting, Proposal
from dealwright.facts import AboutThing, ContractRenewed, ContractSigned
from dealwright.facts.things import STANDS, UNNAMED, Record, key_named, stands_in_deal
from dealwright.facts.turns import TERM_DATED_WITHIN, days_between, is_repeated


def meant(
    fact: AboutThing, table: Mapping[str, Record], focus: str | None, at: datetime, called: Mapping[str, str]
) -> str:
    """The key of the thing that a fact is about, be it known or not. ``called`` are keys by former ids."""
    if fact.thing == "contract":
        return _term_meant(fact, {key: one for key, one in table.items() if isinstance(one, Contract)}, at)
    begins, named = fact.turn == "begins", fact.named
    if named is not None:
        known = key_named(table, named)
        known = called.get(named) if known is None else known
        if known is None and begins:
            others = ((key, one) for key, one in table.items() if one.id is None or isinstance(one, Meeting))
            known = next((key for key, one in others if _is_told_by(fact, one, at)), None)
        if known is None and not begins:
            known = _not_named_yet(fact, table, focus)
        return named if known is None else known
    date = getattr(fact, "starts_at", None)
    if begins:
        stands = focus is not None and focus in table and table[focus].status in STANDS
        if stands and focus is not None:
            return focus
        has_a_name = UNNAMED in table and table[UNNAMED].id is not None
        return f"@{(date or at).astimezone(UTC).isoformat()}" if has_a_name else UNNAMED
    if date is not None and any(getattr(one, "starts_at", None) for one in table.values()):
        same = [key for key, one in table.items() if getattr(one, "starts_at", None) == date]
        return same[0] if same else f"@{date.astimezone(UTC).isoformat()}"
    return UNNAMED if focus is None else focus


def _not_named_yet(fact: AboutThing, table: Mapping[str, Record], focus: str | None) -> str | None:
    """The key of the one that a fact tells the name of; None where the name is of one that was not told of yet.

    It is the one of that date, else the one that the deal is about now, if nobody has named that one: unless another
    date of it is called off.
    """
    date = getattr(fact, "starts_at", None)
    same = [key for key, one in table.items() if date is not None and getattr(one, "starts_at", None) == date]
    if same:
        return same[0]
    about = table.get(focus) if focus is not None else None
    if about is None or about.id is not None:
        return None
    is_another = fact.status == "cancelled" and date is not None and getattr(about, "starts_at", None) is not None
    return None if is_another else focus


def _is_told_by(fact: AboutThing, one: Record, at: datetime) -> bool:
    """Whether a fact that begins something tells of this one, which another system told of, perhaps by its own name."""
    says = dict(fact.says())
    if isinstance(one, Meeting):
        return one.status == "booked" and one.starts_at == says.get("starts_at")
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
