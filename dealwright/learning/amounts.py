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

_TERMS = f"{TABLES['contract']}."
_OFFERED = frozenset({"sent", "opened", "accepted"})


class Said(NamedTuple):
    """The deal's amount, and when it was said last."""

    amount: object
    at: datetime | None


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
    if about.status != "accepted" and told.get(_path(focus)) != said.at and _was_signed_since(about, told):
        return None
    latest = [amount for key, amount in _amounts(after) if told.get(_path(key)) == said.at]
    amounts = [about.amount] if about.amount is not None else latest
    return None if said.amount in amounts or not amounts else amounts[-1]


def _amounts(table: Mapping[str, Record]) -> Iterator[tuple[str, Money]]:
    return ((key, one.amount) for key, one in table.items() if isinstance(one, Proposal) and one.amount is not None)


def _was_signed_since(about: Proposal, told: Mapping[str, datetime]) -> bool:
    """Whether a contract was signed after a proposal had been sent: what that one costs is over with it."""
    signed = (at for path, at in told.items() if path.startswith(_TERMS) and path.endswith(".begun"))
    return about.sent_at is not None and any(at > about.sent_at for at in signed)


def _path(key: str) -> str:
    return f"{TABLES['proposal']}.{key}.amount"
