"""Tables by which a playbook works fields out: rows that never count, or that do not fit what they go by."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, Place
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.own_fields import OwnField, Row
from dealwright.playbook.language.paths import Path


def tables_of_fields(playbook: Playbook) -> Iterator[Diagnostic]:
    """Rows of tables that take no value, or none that is left for them."""
    for name, field in playbook.fields.items():
        if field.by is not None:
            place: Place = ("fields", name)
            by = playbook.path(field.by)
            yield from _currency(field, by, place)
            yield from _of_another_kind(field, by, place)
            yield from _never_reached(field, place)


def _currency(field: OwnField, by: Path, place: Place) -> Iterator[Diagnostic]:
    if by.is_money and field.currency is None:
        problem = f"{by.text!r} is money, and nothing says in which currency the table is meant"
        yield Diagnostic((*place, "table"), problem, "add currency: EUR, or the one that is meant")
    elif field.currency is not None and not by.is_money:
        yield Diagnostic(
            (*place, "currency"), f"{by.text!r} is no money, so that a currency says nothing", "take it out"
        )


def _of_another_kind(field: OwnField, by: Path, place: Place) -> Iterator[Diagnostic]:
    for number, row in enumerate(field.table):
        here = (*place, "table", number)
        if row.up_to is not None and row.of:
            yield Diagnostic(here, "the row goes by up_to and by of", "keep one of them")
        elif row.up_to is not None and by.kind != "number":
            yield Diagnostic((*here, "up_to"), f"{by.text!r} is no number", "write of: [a text], or go by a number")
        elif row.of and by.kind not in {"text", "texts"}:
            yield Diagnostic((*here, "of"), f"{by.text!r} is no text", "write up_to: a number, or go by a text")
        for at, word in enumerate(row.of if by.words else ()):
            if word not in by.words:
                remedy = did_you_mean(word, by.words)
                yield Diagnostic((*here, "of", at), f"{by.text!r} is never {word!r}", remedy)


def _never_reached(field: OwnField, place: Place) -> Iterator[Diagnostic]:
    for number, row in enumerate(field.table):
        if any(_takes_before(earlier, row) for earlier in field.table[:number]):
            problem = "a row before this one takes all that this one could"
            yield Diagnostic((*place, "table", number), problem, "order up_to from the lowest, and put the rest last")


def _takes_before(earlier: Row, row: Row) -> bool:
    if earlier.takes_all or row.takes_all:
        return earlier.takes_all
    if earlier.up_to is not None and row.up_to is not None:
        return earlier.up_to >= row.up_to
    return bool(row.of) and set(row.of) <= set(earlier.of)
