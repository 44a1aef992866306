"""What is wrong with what somebody handed in: each mistake with its place and its remedy, and never too many words.

Whoever hands something in decides how many mistakes it has and how long its names are; what is said of them is
bounded here, whatever it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

MOST_MISTAKES = 50
"""Mistakes that are named; of more, only the number is."""
_LONGEST_PATH, _LONGEST_TEXT, _LONGEST_MESSAGE = 200, 500, 8000
"""Characters."""


class Problem(NamedTuple):
    """One thing that is wrong."""

    path: str
    """Where: ``contacts.0.timezone``."""
    text: str
    """What is wrong, and what to write instead."""

    def __str__(self) -> str:
        return f"{self.path or 'the deal'}: {self.text}"


class BadDeal(ValueError):
    """A deal, or news about one, that cannot be let in. The message names each problem and its remedy.

    At most ``MOST_MISTAKES`` are named; ``more`` says how many there are besides.
    """

    def __init__(self, problems: Iterable[Problem], more: int = 0) -> None:
        found = iter(problems)
        self.problems = tuple(map(_shortened, islice(found, MOST_MISTAKES)))
        self.more = more + sum(1 for _ in found)
        told = short("; ".join(map(str, self.problems)), _LONGEST_MESSAGE)
        super().__init__(told + (f"; and {self.more} more" if self.more else ""))


def place_of(steps: Iterable[int | str]) -> str:
    """The place of a mistake, from its steps: ``contacts.0.timezone``."""
    return short(".".join(short(str(step), _LONGEST_PATH) for step in islice(steps, _LONGEST_PATH)), _LONGEST_PATH)


def short(text: str, longest: int = _LONGEST_TEXT) -> str:
    """A text that somebody else chose, cut off where it gets long."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def _shortened(problem: Problem) -> Problem:
    return Problem(short(problem.path, _LONGEST_PATH), short(problem.text))
