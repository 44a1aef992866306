"""Conditions: tests over a deal, written as data.

=====================================  ======================================================================
written                                true when
=====================================  ======================================================================
``demo_held``                          the fact (or event) happened; see *since* below
``{reply_received: interested}``       it happened with that variant (a list: any of them)
``{deal.source: inbound}``             the path has that value
``{deal.source: {in: [a, b]}}``        … one of these values (also ``not_in``)
``{qualification.bant: {gte: 3}}``     … at least that (also ``gt``, ``lte``, ``lt``)
``{contract.ends_on: {known: true}}``  … any value at all (or none, with ``false``)
``{not: X}`` ``{all: [X, Y]}``         as they read; a list alone means ``any``, several pairs in one mapping
``{any: [X, Y]}``                      mean ``all``
=====================================  ======================================================================

*Since*: what counts is what happened since the thing that asks began, by the time it happened, not by the time it
was told. ``leave_when`` and gates ask for the stage's visit, and so does a play's ``if``; that of a play of the
whole deal asks for all the deal's life, a step's ``if`` for its run (from its trigger on). A visit begins when that
happened which led to it.
A path with no value never compares as true, except ``known: false``. Of a path with several texts
(``account.technologies``) any may be the one; of money the amount is compared.
"""

from __future__ import annotations

import operator
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from dealwright.playbook.language.paths import Path, known_path
from dealwright.playbook.language.triggers import event_keys
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
_WRITTEN = {
    "number": "a number, without quotes",
    "text": "a text, in quotes if it looks like a number or a date",
    "texts": "a text, in quotes if it looks like a number or a date",
    "date": "a date such as 2026-01-31",
}


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


Test: TypeAlias = HasHappened | Equals | Compares | IsKnown | Not | All | Any


def _as_part(part: Test) -> str:
    """A condition within another one: in brackets if it has parts of its own."""
    return f"({part.words()})" if isinstance(part, (All, Any)) and len(part.parts) > 1 else part.words()


def read_condition(written: object) -> Test:
    """Read a condition as a playbook writes it.

    Raises:
        ValueError: what is wrong, and what to write instead.
    """
    match written:
        case HasHappened() | Equals() | Compares() | IsKnown() | Not() | All() | Any():
            return written
        case str():
            return HasHappened(event_keys(written, None))
        case list() if written:
            return Any(tuple(read_condition(part) for part in written))
        case dict() if len(written) == 1:
            ((name, value),) = written.items()
            return _read_pair(str(name), value)
        case dict() if written:
            return All(tuple(_read_pair(str(name), value) for name, value in written.items()))
    raise ValueError(f"{written!r} is no condition: write a fact's name, {{path: value}}, or not/any/all of such")


def _read_pair(name: str, value: object) -> Test:
    match name, value:
        case "not", _:
            return Not(read_condition(value))
        case (("any" | "all"), list()) if value:
            parts = tuple(read_condition(part) for part in value)
            return Any(parts) if name == "any" else All(parts)
        case (("any" | "all"), _):
            raise ValueError(f"{name!r} takes a list of conditions: write {name}: [first, second]")
    if "." in name:
        return _read_comparison(known_path(name), value)
    return HasHappened(event_keys(name, value))


def _read_comparison(path: Path, value: object) -> Test:
    if not isinstance(value, dict):
        return Equals(path, (_scalar(path, value),))
    if len(value) != 1:
        raise ValueError(f"{path.text!r} takes one test: write {{gte: 3}}, and join several with all")
    ((how, limit),) = value.items()
    match how:
        case "known":
            return IsKnown(path, negated=not _truth(path, limit))
        case "in" | "not_in":
            if not isinstance(limit, list) or not limit:
                raise ValueError(f"{how!r} takes a list: write {{{path}: {{{how}: [first, second]}}}}")
            return Equals(path, tuple(_scalar(path, each) for each in limit), negated=how == "not_in")
        case "gte" | "gt" | "lte" | "lt":
            return Compares(path, how, _limit(path, how, limit))
    raise ValueError(f"{how!r} is no test for {path}: write in, not_in, gte, gt, lte, lt or known")


def _truth(path: Path, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} does not say whether {path} is known: write true or false")


def _scalar(path: Path, value: object) -> Scalar:
    match path.kind:
        case "number" if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return Decimal(str(value))
        case "text" | "texts" if isinstance(value, str):
            return value
        case "date" if isinstance(value, date):
            return value
        case "time":
            raise ValueError(f"{path.text!r} is a time, which is hardly ever equal: write {{{path}: {{known: true}}}}")
    raise ValueError(f"{value!r} can never be {path}: write {_WRITTEN[path.kind]}")


def _limit(path: Path, how: Comparison, value: object) -> Decimal | date:
    if path.kind not in {"number", "date"}:
        usable = "known" if path.kind == "time" else "in, not_in or known"
        raise ValueError(f"{path.text!r} has no order that {how!r} could ask for: write {usable}")
    limit = _scalar(path, value)
    assert not isinstance(limit, str)  # noqa: S101 - of numbers and dates only such are read
    return limit


def compared_paths(test: Test) -> Iterator[Path]:
    """The paths whose values a condition looks at."""
    match test:
        case Equals(path) | Compares(path) | IsKnown(path):
            yield path
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


def words_of(test: Test) -> str:
    """The condition as people say it (also what a playbook's JSON dump shows)."""
    return test.words()


Condition = Annotated[
    Test,
    PlainValidator(read_condition),
    PlainSerializer(words_of, return_type=str),
    WithJsonSchema({"$comment": "Condition"}),
]
"""A condition as a field of a playbook's model."""
