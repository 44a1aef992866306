"""Conditions: tests over a deal. How they are written stands in ``condition_syntax``."""

from __future__ import annotations

import operator
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from dealwright.calendar.durations import Span
from dealwright.deal import Money
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.counts import HappenedTimes, Since, key_in_words
from dealwright.playbook.language.paths import Path
from dealwright.state import DealState

Scalar: TypeAlias = str | Decimal | date
Orderable: TypeAlias = typing.Any
Comparison: TypeAlias = Literal["gte", "gt", "lte", "lt"]
Distance: TypeAlias = Literal["within", "older_than", "newer_than"]
"""How far a date lies ahead or back."""

_COMPARE: dict[str, Callable[[Orderable, Orderable], bool]] = {
    "gte": operator.ge,
    "gt": operator.gt,
    "lte": operator.le,
    "lt": operator.lt,
}
_DISTANCES: dict[Distance, str] = {
    "within": "within the next {}",
    "older_than": "at least {} ago",
    "newer_than": "less than {} ago",
}
_WORDS = {"gte": "at least", "gt": "more than", "lte": "at most", "lt": "less than"}


@dataclass(frozen=True, slots=True)
class HasHappened:
    """One of these facts or events happened since then."""

    keys: tuple[str, ...]

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        for key in self.keys:
            if (it := state.happened.get(key)) is not None and (since is None or (it.at, it.number) > since):
                return True
        return False

    def words(self) -> str:
        """The condition as people say it."""
        return " or ".join(map(key_in_words, self.keys))


@dataclass(frozen=True, slots=True)
class Equals:
    """The path has one of these values, or (``negated``) a value that is none of them."""

    path: Path
    values: tuple[Scalar, ...]
    negated: bool = False

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
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

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
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

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
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
class RelativeDate:
    """The path's date lies ahead, by no more than a time, or lies back, by at least or by less than a time."""

    path: Path
    how: Distance
    span: Span

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds at the clock's time."""
        begins, ends = self._turns(state, clock) or (None, None)
        return begins is not None and begins <= clock.now and (ends is None or clock.now < ends)

    def turns(self, state: DealState, clock: Clock) -> tuple[datetime, ...]:
        """When the condition begins to hold, and when it holds no more; nothing while its date is not known."""
        return tuple(at for at in self._turns(state, clock) or () if at is not None)

    def words(self) -> str:
        """The condition as people say it."""
        return f"{self.path} {_DISTANCES[self.how].format(self.span)}"

    def _turns(self, state: DealState, clock: Clock) -> tuple[datetime, datetime | None] | None:
        value = self.path.read(state)
        if not isinstance(value, date):
            return None
        at, calendar = clock.first_moment(value), clock.calendar
        if self.how == "within":
            return calendar.subtract(at, self.span), _is_over(value, clock)
        later = calendar.add(at, self.span)
        return (at, later) if self.how == "newer_than" else (later, None)


def _is_over(value: date, clock: Clock) -> datetime:
    """When a day is over where the owner is; a time is over just after it."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    return clock.first_moment(value + timedelta(days=1)) if value < date.max else clock.first_moment(value)


@dataclass(frozen=True, slots=True)
class IsKnown:
    """The path has a value, or (``negated``) has none."""

    path: Path
    negated: bool = False

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        return (self.path.compared(state) is None) is self.negated

    def words(self) -> str:
        """The condition as people say it."""
        return f"{self.path} {'not known' if self.negated else 'known'}"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Test

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:
        """Whether the condition holds."""
        return not self.part.test(state, since, clock)

    def words(self) -> str:
        """The condition as people say it."""
        return f"not ({self.part.words()})"


@dataclass(frozen=True, slots=True)
class All:
    """All of these (of none: true)."""

    parts: tuple[Test, ...]

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:
        """Whether the condition holds."""
        return all(part.test(state, since, clock) for part in self.parts)

    def words(self) -> str:
        """The condition as people say it."""
        return " and ".join(_as_part(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """Any of these (of none: false)."""

    parts: tuple[Test, ...]

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:
        """Whether the condition holds."""
        return any(part.test(state, since, clock) for part in self.parts)

    def words(self) -> str:
        """The condition as people say it."""
        return " or ".join(_as_part(part) for part in self.parts)


def stand_so(value: Orderable, how: Comparison, limit: Orderable) -> bool | None:
    """Whether two values stand in this order; None where one of them is not known."""
    return None if value is None or limit is None else _COMPARE[how](value, limit)


Leaf: TypeAlias = HasHappened | HappenedTimes | Equals | Compares | ComparesPaths | RelativeDate | IsKnown
Test: TypeAlias = Leaf | Not | All | Any


def _as_part(part: Test) -> str:
    """A condition within another one: in brackets if it has parts of its own."""
    return f"({part.words()})" if isinstance(part, (All, Any)) and len(part.parts) > 1 else part.words()


def compared_paths(test: Test) -> Iterator[Path]:
    """The paths whose values a condition looks at."""
    for leaf in leaves(test):
        match leaf:
            case ComparesPaths(path, _, other):
                yield from (path, other)
            case HasHappened() | HappenedTimes():
                pass
            case _:
                yield leaf.path


def leaves(condition: Test) -> Iterator[Leaf]:
    """The tests that a condition is made of, without what joins them."""
    match condition:
        case Not(part):
            yield from leaves(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield condition


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
