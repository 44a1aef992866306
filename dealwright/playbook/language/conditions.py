"""Conditions: tests over a deal. How they are written stands in ``condition_syntax``."""

from __future__ import annotations

import operator
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from dealwright.deal import Money
from dealwright.playbook.language.paths import Path
from dealwright.state import DealState

Scalar: TypeAlias = str | Decimal | date
Orderable: TypeAlias = typing.Any
Since: TypeAlias = tuple[datetime, int] | None
"""A moment, and the number of the last entry that does not count at it; None for the deal's whole life."""
Comparison: TypeAlias = Literal["gte", "gt", "lte", "lt"]

_COMPARE: dict[str, Callable[[Orderable, Orderable], bool]] = {
    "gte": operator.ge,
    "gt": operator.gt,
    "lte": operator.le,
    "lt": operator.lt,
}
_WORDS = {"gte": "at least", "gt": "more than", "lte": "at most", "lt": "less than"}


@dataclass(frozen=True, slots=True)
class HasHappened:
    """One of these facts or events happened since then."""

    keys: tuple[str, ...]

    def test(self, state: DealState, since: Since) -> bool:
        """Whether the condition holds."""
        for key in self.keys:
            if (it := state.happened.get(key)) is not None and (since is None or (it.at, it.number) > since):
                return True
        return False

    def words(self) -> str:
        """The condition as people say it."""
        return " or ".join(key.replace("_", " ").replace(":", ": ") for key in self.keys)


@dataclass(frozen=True, slots=True)
class Equals:
    """The path has one of these values, or (``negated``) a value that is none of them."""

    path: Path
    values: tuple[Scalar, ...]
    negated: bool = False

    def test(self, state: DealState, since: Since) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        value = self.path.compared(state)
        if value is None:
            return False
        held = value if isinstance(value, tuple) else (value,)
        return any(each in self.values for each in held) is not self.negated

    def words(self) -> str:
        """The condition as people say it."""
        return f"{self.path} {'not ' if self.negated else ''}{' or '.join(map(str, self.values))}"


@dataclass(frozen=True, slots=True)
class Compares:
    """The path's value stands in this order to a limit."""

    path: Path
    how: Comparison
    limit: Decimal | date

    def test(self, state: DealState, since: Since) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        value = self.path.compared(state)
        return value is not None and _COMPARE[self.how](value, self.limit)

    def words(self) -> str:
        """The condition as people say it."""
        return f"{self.path} {_WORDS[self.how]} {self.limit}"


@dataclass(frozen=True, slots=True)
class ComparesPaths:
    """The values of two paths stand in this order. Amounts in different currencies stand in none."""

    path: Path
    how: Comparison
    other: Path

    def test(self, state: DealState, since: Since) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        first, second = self.path.read(state), self.other.read(state)
        if isinstance(first, Money) and isinstance(second, Money) and first.currency != second.currency:
            return False
        value, limit = self.path.compared(state), self.other.compared(state)
        return value is not None and limit is not None and _COMPARE[self.how](value, limit)

    def words(self) -> str:
        """The condition as people say it."""
        return f"{self.path} {_WORDS[self.how]} {self.other}"


@dataclass(frozen=True, slots=True)
class IsKnown:
    """The path has a value, or (``negated``) has none."""

    path: Path
    negated: bool = False

    def test(self, state: DealState, since: Since) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        return (self.path.compared(state) is None) is self.negated

    def words(self) -> str:
        """The condition as people say it."""
        return f"{self.path} {'not known' if self.negated else 'known'}"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Test

    def test(self, state: DealState, since: Since) -> bool:
        """Whether the condition holds."""
        return not self.part.test(state, since)

    def words(self) -> str:
        """The condition as people say it."""
        return f"not ({self.part.words()})"


@dataclass(frozen=True, slots=True)
class All:
    """All of these (of none: true)."""

    parts: tuple[Test, ...]

    def test(self, state: DealState, since: Since) -> bool:
        """Whether the condition holds."""
        return all(part.test(state, since) for part in self.parts)

    def words(self) -> str:
        """The condition as people say it."""
        return " and ".join(_as_part(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """Any of these (of none: false)."""

    parts: tuple[Test, ...]

    def test(self, state: DealState, since: Since) -> bool:
        """Whether the condition holds."""
        return any(part.test(state, since) for part in self.parts)

    def words(self) -> str:
        """The condition as people say it."""
        return " or ".join(_as_part(part) for part in self.parts)


Test: TypeAlias = HasHappened | Equals | Compares | ComparesPaths | IsKnown | Not | All | Any


def _as_part(part: Test) -> str:
    """A condition within another one: in brackets if it has parts of its own."""
    return f"({part.words()})" if isinstance(part, (All, Any)) and len(part.parts) > 1 else part.words()


def compared_paths(test: Test) -> Iterator[Path]:
    """The paths whose values a condition looks at."""
    match test:
        case Equals(path) | Compares(path) | IsKnown(path):
            yield path
        case ComparesPaths(path, _, other):
            yield from (path, other)
        case Not(part):
            yield from compared_paths(part)
        case All(parts) | Any(parts):
            for each in parts:
                yield from compared_paths(each)
        case HasHappened():
            return


def opposite(test: Test) -> Test:
    """The condition that holds whenever this one does not."""
    return test.part if isinstance(test, Not) else Not(test)


def with_exception(condition: Test | None, exception: Test | None) -> Test | None:
    """What ``if`` and ``unless`` mean together."""
    if exception is None:
        return condition
    return Not(exception) if condition is None else All((condition, Not(exception)))


def words_of(test: Test) -> str:
    """The condition as people say it (also what a playbook's JSON dump shows)."""
    return test.words()
