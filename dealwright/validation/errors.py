"""What is wrong with what somebody handed in whom nobody knows: never too many words of it.

Whoever hands something in decides how many things are wrong with it and how long its names are; what is said of them
is bounded here, whatever it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from typing_extensions import override

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic
from dealwright.diagnostics.text import short

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


def shortened(one: Diagnostic) -> Diagnostic:
    """A diagnostic, cut off where it gets long."""
    place = tuple(short(step, _LONGEST_STEP) if isinstance(step, str) else step for step in one.place[:_MOST_STEPS])
    return replace(one, place=place, problem=short(one.problem), remedy=short(one.remedy))
