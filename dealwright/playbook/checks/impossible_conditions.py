"""Conditions that are never true: values that no deal ever has, and parts that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dealwright.calendar.durations import Span
from dealwright.diagnostics.diagnostic import Diagnostic, warning
from dealwright.playbook.checks.traversal import PlayAt, conditions_in, plays_in
from dealwright.playbook.language.conditions import (
    All,
    Any,
    Compares,
    ComparesPaths,
    Equals,
    HasHappened,
    IsKnown,
    Not,
    Scalar,
    Test,
    leaves,
)
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.relative_dates import RelativeDate
from dealwright.playbook.language.triggers import wider_keys
from dealwright.values.iso_codes import wrong_country, wrong_currency

_LIMITS: dict[str, tuple[int, int | None]] = {
    "deal.health": (0, 100),
    "deal.term": (1, None),
    "deal.touches_sent": (0, None),
    "deal.amount": (0, None),
    "account.employees": (0, None),
    "qualification.bant": (0, 4),
    "qualification.meddic": (0, 6),
    "qualification.meddpicc": (0, 8),
    "proposal.amount": (0, None),
    "proposal.discount": (0, 100),
    "contract.value": (0, None),
}
"""The lowest and the highest value that a path may have."""
_CODES = {
    "deal.currency": wrong_currency,
    "account.country": wrong_country,
    "contact.country": wrong_country,
}
_WRITE = "write what can be so, or take it out"


def impossible_conditions(playbook: Playbook) -> Iterator[Diagnostic]:
    """Conditions that no deal ever fulfils, and plays whose condition their own trigger denies."""
    for place, condition in conditions_in(playbook):
        if (why := _never(condition)) is not None:
            yield warning(place, f"this is never true: {why}", _WRITE)
            continue
        for test in leaves(condition):
            if (why := _no_value(test)) is not None:
                yield warning(place, why, _WRITE)
    for at in plays_in(playbook):
        yield from _denied_by_its_trigger(at)
        yield from _of_another_stage(at)


def _never(condition: Test) -> str | None:
    """Why a condition is never true; None if it may be."""
    match condition:
        case Any(parts):
            reasons = [_never(part) for part in parts]
            return reasons[0] if reasons and all(reasons) else None
        case All(parts):
            inner = next((why for part in parts if (why := _never(part)) is not None), None)
            return inner or _Claims().contradiction(_joined(condition))
        case Equals() | Compares() | ComparesPaths() | RelativeDate():
            return _no_value(condition)
        case _:
            return None


def _joined(condition: Test) -> Iterator[Test]:
    """The parts that must all hold."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _joined(part)
    else:
        yield condition


def _no_value(test: Test) -> str | None:
    """Why a comparison is with what its path never is."""
    match test:
        case Equals(path, values, False):
            reasons = [_beyond(path.text, "is", value) or _no_code(path.text, value) for value in values]
            return reasons[0] if all(reasons) else None
        case Compares(path, how, limit):
            return _beyond(path.text, how, limit)
        case RelativeDate(path, "newer_than", Span(amount=0)):
            return f"nothing is newer than no time: {path!r}"
        case ComparesPaths(path, how, other) if path.text == other.text:
            what = "never true" if how in {"gt", "lt"} else "always true where it is known"
            return f"{path.text!r} is compared with itself, which is {what}"
        case _:
            return None


def _beyond(path: str, how: str, value: Scalar) -> str | None:
    """Why a path never stands in this order to a value (``is``: never is that value)."""
    low, high = _LIMITS.get(path, (None, None))
    if low is None or not isinstance(value, Decimal):
        return None
    if high is not None and ((value > high and how in {"gte", "is"}) or (value >= high and how == "gt")):
        return f"{path!r} is never above {high}"
    if (value < low and how in {"lte", "is"}) or (value <= low and how == "lt"):
        return f"{path!r} is never below {low}"
    return None


def _no_code(path: str, value: Scalar) -> str | None:
    check = _CODES.get(path)
    wrong = check(value) if check and isinstance(value, str) else None
    return f"{wrong.problem}: {wrong.remedy}" if wrong else None


@dataclass
class _Claims:
    """What a condition claims of one deal at once."""

    only: dict[str, set[Scalar]] = field(default_factory=dict)
    never: dict[str, set[Scalar]] = field(default_factory=dict)
    above: dict[str, tuple[Decimal | date, bool]] = field(default_factory=dict)
    below: dict[str, tuple[Decimal | date, bool]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    ahead: set[str] = field(default_factory=set)
    past: set[str] = field(default_factory=set)
    happened: list[HasHappened] = field(default_factory=list)
    did_not: set[tuple[str, str | None]] = field(default_factory=set)

    def contradiction(self, parts: Iterator[Test]) -> str | None:
        """Why these parts cannot all hold."""
        for part in parts:
            self._claim(part)
        for path in sorted(self.known & self.unknown):
            return f"{path!r} would be known and not known"
        for path in sorted(self.ahead & self.past):
            return f"{path!r} would be ahead and past"
        for path, values in self.only.items():
            if not any(self._may_be(path, value) for value in values):
                return f"{path!r} has one value at a time"
        for path in self.above.keys() & self.below.keys():
            if not _room(self.above[path], self.below[path]):
                return f"{path!r} would be above and below"
        for test in self.happened:
            if all(self._denies(key, test.scope) for key in test.keys):
                return f"{test.words()!r} would have happened and not happened"
        return None

    def _claim(self, part: Test) -> None:
        match part:
            case Equals(path, values, negated) if path.kind != "texts":
                self._values(path.text, set(values), negated=negated)
                self.known.add(path.text)
            case Not(Equals(path, values, False)) if path.kind != "texts":
                self._values(path.text, set(values), negated=True)
            case Compares(path, how, limit):
                self._limit(path.text, how, limit)
                self.known.add(path.text)
            case RelativeDate(path, how, _):
                (self.ahead if how == "within" else self.past).add(path.text)
                self.known.add(path.text)
            case ComparesPaths(path, _, other):
                self.known |= {path.text, other.text}
            case IsKnown(path, negated) | Not(IsKnown(path, negated)):
                (self.unknown if negated is isinstance(part, IsKnown) else self.known).add(path.text)
            case HasHappened():
                self.happened.append(part)
            case Not(HasHappened(keys, scope)):
                self.did_not |= {(key, scope) for key in keys}

    def _denies(self, key: str, scope: str | None) -> bool:
        """Whether something is claimed not to have happened since then, or ever."""
        return any((wider, since) in self.did_not for wider in wider_keys(key) for since in (scope, "deal"))

    def _values(self, path: str, values: set[Scalar], *, negated: bool) -> None:
        if negated:
            self.never.setdefault(path, set()).update(values)
        else:
            self.only[path] = self.only[path] & values if path in self.only else values

    def _limit(self, path: str, how: str, limit: Decimal | date) -> None:
        side = self.above if how in {"gte", "gt"} else self.below
        given, strict = (limit, how in {"gt", "lt"}), how in {"gt", "lt"}
        if path not in side or _narrower(given, side[path], upwards=side is self.above):
            side[path] = (limit, strict)

    def _may_be(self, path: str, value: Scalar) -> bool:
        if value in self.never.get(path, ()):
            return False
        if isinstance(value, str):
            return True
        above, below = self.above.get(path), self.below.get(path)
        return (above is None or _room(above, (value, False))) and (below is None or _room((value, False), below))


def _narrower(one: tuple[Decimal | date, bool], other: tuple[Decimal | date, bool], *, upwards: bool) -> bool:
    if one[0] == other[0]:
        return one[1]
    return (one[0] > other[0]) is upwards  # type: ignore[operator] # both are limits of one path, of one kind


def _room(low: tuple[Decimal | date, bool], high: tuple[Decimal | date, bool]) -> bool:
    """Whether anything lies between two limits, each with whether it is left out itself."""
    if low[0] == high[0]:
        return not (low[1] or high[1])
    return bool(low[0] < high[0])  # type: ignore[operator] # likewise


def _denied_by_its_trigger(at: PlayAt) -> Iterator[Diagnostic]:
    denied = {key for part in _joined(at.play.if_) for key in _denied(part)} if at.play.if_ is not None else set()
    if at.keys and all(not denied.isdisjoint(wider_keys(key)) for key in at.keys):
        problem = "the play never starts: what starts it has just happened, and this says that it has not"
        yield warning((*at.place, "if"), problem, "take it out, or ask for something else")


def _denied(part: Test) -> tuple[str, ...]:
    return part.part.keys if isinstance(part, Not) and isinstance(part.part, HasHappened) else ()


def _of_another_stage(at: PlayAt) -> Iterator[Diagnostic]:
    if at.stage is None or at.play.if_ is None:
        return
    for part in _joined(at.play.if_):
        if not isinstance(part, Equals) or part.path.text != "deal.stage":
            continue
        if (at.stage.name in part.values) is part.negated:
            problem = f"the plays of {at.stage.name!r} only listen while the deal is there"
            yield warning((*at.place, "if"), problem, "take it out, or move the play to that stage")
