"""Conditions: tests over a deal. How they are written stands in ``condition_syntax``."""

from __future__ import annotations

import operator
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from dealwright.deal import Money
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.contact_conditions import SomeContacts
from dealwright.playbook.language.counts import HappenedTimes, Scope, Since, counts_since, in_scope, key_in_words
from dealwright.playbook.language.levels import HasLevel
from dealwright.playbook.language.paths import Path
from dealwright.playbook.language.relative_dates import RelativeDate
from dealwright.state import DealState

Scalar: TypeAlias = str | Decimal | date
Orderable: TypeAlias = typing.Any
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
    """One of these facts or events happened since then, or since what the playbook names."""

    keys: tuple[str, ...]
    scope: Scope | None = None

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        since = counts_since(self.scope, state, since)
        for key in self.keys:
            if (it := state.happened.get(key)) is not None and (since is None or (it.at, it.number) > since):
                return True
        return False

    def words(self) -> str:
        """The condition as people say it."""
        happened = " or ".join(map(key_in_words, self.keys))
        return in_scope(happened, self.scope)


@dataclass(frozen=True, slots=True)
class Equals:
    """The path has one of these values, or (``negated``) a value that is none of them."""

    path: Path
    values: tuple[Scalar, ...]
    negated: bool = False

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        value = self.path.compared(state)
        return value is not None and self.holds_for(value)

    def holds_for(self, value: object) -> bool:
        """Whether it is true of a value."""
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
        return value is not None and self.holds_for(value)

    def holds_for(self, value: object) -> bool:
        """Whether it is true of a value."""
        return _COMPARE[self.how](value, self.limit)

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


Leaf: TypeAlias = (
    HasHappened | HappenedTimes | HasLevel | Equals | Compares | ComparesPaths | RelativeDate | IsKnown | SomeContacts
)
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
            case HasHappened() | HappenedTimes() | HasLevel() | SomeContacts():
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


def that_turn(conditions: Iterable[Test]) -> tuple[RelativeDate | SomeContacts, ...]:
    """Of what some conditions are made of, all that time alone makes true or false."""
    found = (leaf for condition in conditions for leaf in leaves(condition))
    return tuple(leaf for leaf in found if isinstance(leaf, (RelativeDate, SomeContacts)))


def since_the(scope: Scope, condition: Test) -> Test:
    """The condition, of which each fact that does not say otherwise counts since then."""
    match condition:
        case HasHappened(keys, None):
            return HasHappened(keys, scope)
        case HappenedTimes(keys, times, within, None):
            return HappenedTimes(keys, times, within, scope)
        case Not(part):
            return Not(since_the(scope, part))
        case All(parts):
            return All(tuple(since_the(scope, part) for part in parts))
        case Any(parts):
            return Any(tuple(since_the(scope, part) for part in parts))
        case _:
            return condition


def opposite(test: Test) -> Test:
    """The condition that holds whenever this one does not."""
    return test.part if isinstance(test, Not) else Not(test)


def with_exception(condition: Test | None, exception: Test | None) -> Test | None:
    """What ``if`` and ``unless`` mean together; once they are one, they stay so."""
    if exception is None or condition == Not(exception):
        return condition
    if isinstance(condition, All) and condition.parts[-1:] == (Not(exception),):
        return condition
    return Not(exception) if condition is None else All((condition, Not(exception)))


def words_of(test: Test) -> str:
    """The condition as people say it (also what a playbook's JSON dump shows)."""
    return test.words()
