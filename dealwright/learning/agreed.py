"""What a proposal has from the one that was sent before it, as long as nobody says otherwise: what was agreed.

It has it in whatever order the two are told: from none that was sent later, and also from one that is told later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from dealwright.deal import Proposal
from dealwright.facts.things import TABLES, Record

FIRST = "first"
"""The path at which it is remembered when a proposal was sent first."""
_ITS_OWN = {"id", "link", "sent_at", "opened_at", "status"}
_AGREED = frozenset(Proposal.model_fields) - _ITS_OWN


def is_sent_first(key: str, told: Mapping[str, datetime], at: datetime) -> bool:
    """Whether a proposal that is sent at a time was not sent before. ``told`` says when each was told of, by path."""
    first = _first(key, told)
    return first is None or at < first


def with_what_was_agreed(
    table: Mapping[str, Record], key: str, focus: str | None, told: Mapping[str, datetime], at: datetime
) -> Record | None:
    """A proposal that is sent first at a time, with what it has from the one before it; None where nothing is known.

    That is the one that the deal is about, or, where that was sent later, the one that was sent last before.
    """
    old, before = table.get(key), _before(table, key, focus, told, at)
    if before is None and old is None:
        return None
    fields = {field for field in _AGREED if _path(key, field) not in told}
    return (old or Proposal()).model_copy(update={field: getattr(before, field, None) for field in fields})


def passed_on(
    table: Mapping[str, Record], key: str, fields: Collection[str], told: Mapping[str, datetime], at: datetime
) -> dict[str, Record]:
    """Of the proposals that were sent first after a time, those that change by what is told of one before them.

    ``fields`` are what is told of that one, whose key is given. What was told of a later one stays as it is.
    """
    values = {field: getattr(table[key], field) for field in fields if field in _AGREED}
    first = {other: _first(other, told) for other in table if other != key}
    changed: dict[str, Record] = {}
    for _, other in sorted((when, other) for other, when in first.items() if when is not None and when > at):
        values = {field: value for field, value in values.items() if _path(other, field) not in told}
        after = table[other].model_copy(update=values)
        if after != table[other]:
            changed[other] = after
    return changed


def _before(
    table: Mapping[str, Record], key: str, focus: str | None, told: Mapping[str, datetime], at: datetime
) -> Record | None:
    if focus is not None and focus in table and focus != key and (_first(focus, told) or at) <= at:
        return table[focus]
    sent = {other: _first(other, told) for other in table if other != key}
    before = sorted((when, other) for other, when in sent.items() if when is not None and when <= at)
    return table[before[-1][1]] if before else None


def _first(key: str, told: Mapping[str, datetime]) -> datetime | None:
    return told.get(_path(key, FIRST)) or told.get(_path(key, "begun"))


def _path(key: str, field: str) -> str:
    return f"{TABLES['proposal']}.{key}.{field}"
