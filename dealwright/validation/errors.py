"""What is wrong with what somebody handed in whom nobody knows: never too many words of it.

Whoever hands something in decides how many things are wrong with it and how long its names are; what is said of them
is bounded here, whatever it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from pydantic import BaseModel
from typing_extensions import override

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.diagnostics.text import short

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MOST_DIAGNOSTICS = 50
"""Diagnostics that are told; of more, only the number is."""
_LONGEST_STEP, _LONGEST_MESSAGE = 200, 8000
"""Characters."""
_MOST_STEPS = 20


class BadDeal(BadInput):
    """A deal, or news about one, that cannot be let in.

    At most ``MOST_DIAGNOSTICS`` are told; ``more`` says how many there are besides.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], more: int = 0) -> None:
        found = iter(diagnostics)
        super().__init__(map(shortened, islice(found, MOST_DIAGNOSTICS)))
        self.more = more + sum(1 for _ in found)

    @override
    def __str__(self) -> str:
        return short(super().__str__(), _LONGEST_MESSAGE) + (f" And {self.more} more." if self.more else "")


def bad_fields(details: Sequence[ErrorDetails], model: type[BaseModel], besides: Iterable[Diagnostic] = ()) -> BadDeal:
    """What pydantic refused of what was to be that model, and what else is wrong with it.

    Only as much as is told is put into words: to find the field that was meant takes time.
    """
    told = diagnostics_of(details[:MOST_DIAGNOSTICS], model)
    return BadDeal(chain(told, besides), max(len(details) - MOST_DIAGNOSTICS, 0))


def shortened(one: Diagnostic) -> Diagnostic:
    """A diagnostic, cut off where it gets long."""
    place = tuple(short(step, _LONGEST_STEP) if isinstance(step, str) else step for step in one.place[:_MOST_STEPS])
    return replace(one, place=place, problem=short(one.problem), remedy=short(one.remedy))
