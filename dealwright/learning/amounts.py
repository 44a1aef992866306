"""What a deal is worth by its proposals: what the one costs that it is about, unless somebody has said it since.

It is worked out anew from all proposals whenever one of them changes, and not only followed from one to the next. So
it does not depend on the order in which they were told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from dealwright.deal import Money, Proposal
from dealwright.facts.things import TABLES, Record
from dealwright.state import Happened

_SIGNED = ("contract_signed", "contract_renewed")
_OFFERED = frozenset({"sent", "opened", "accepted"})


class Said(NamedTuple):
    """The deal's amount, when it was said last, and what it is measured by."""

    amount: object
    at: datetime | None
    signed_at: datetime | None
    """When a contract was signed last."""


def says_it_last(said: Said, told: Mapping[str, datetime], *tables: Mapping[str, Record]) -> bool:
    """Whether a proposal said the deal's amount last. ``told`` is when each told its own.

    The tables are of the proposals as they are, and as they were before what is told now: the one whose amount the
    deal has may have another one since. At the same moment somebody else may have said another amount.
    """
    times = {told.get(_path(key)) for table in tables for key in table}
    return said.at in times and said.amount in [amount for table in tables for _, amount in _amounts(table)]


def amount_offered(
    before: Mapping[str, Record], after: Mapping[str, Record], focus: str, told: Mapping[str, datetime], said: Said
) -> Money | None:
    """The deal's amount by the proposal that was sent and that it is about; None where it is so, or not for one to say.

    Beside an offer of unknown cost it is what a proposal said last. ``before`` and ``after`` are the proposals before
    and after what is told now, ``told`` says when each told its amount. An offer of before a signature says it no
    longer, when one that was made after it falls away.
    """
    about = after[focus]
    if not isinstance(about, Proposal) or about.status not in _OFFERED or not says_it_last(said, told, before, after):
        return None
    if told.get(_path(focus)) != said.at and _is_of_before(about, focus, told, said.signed_at):
        return None
    latest = [amount for key, amount in _amounts(after) if told.get(_path(key)) == said.at]
    amounts = [about.amount] if about.amount is not None else latest
    return None if said.amount in amounts or not amounts else amounts[-1]


def _amounts(table: Mapping[str, Record]) -> Iterator[tuple[str, Money]]:
    return ((key, one.amount) for key, one in table.items() if isinstance(one, Proposal) and one.amount is not None)


def signed_last(happened: Mapping[str, Happened]) -> datetime | None:
    """When a contract was signed, or renewed, last; None before the first."""
    return max((happened[fact].at for fact in _SIGNED if fact in happened), default=None)


def _is_of_before(about: Proposal, key: str, told: Mapping[str, datetime], signed_at: datetime | None) -> bool:
    """Whether a contract was signed after a proposal had been sent, or accepted: what it costs is over with it."""
    accepted = about.status == "accepted"
    at = told.get(f"{TABLES['proposal']}.{key}.status") if accepted else about.sent_at
    return at is not None and signed_at is not None and at < signed_at


def _path(key: str) -> str:
    return f"{TABLES['proposal']}.{key}.amount"
