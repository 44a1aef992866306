"""What a condition claims of one deal at once: values that nothing ever has, and claims that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain

from dealwright.calendar.durations import Span
from dealwright.playbook.checks.always_known import decided_by_words, every_deal_has
from dealwright.playbook.checks.value_limits import always_within, beyond, no_code
from dealwright.playbook.language.conditions import (
    All,
    Any,
    Compares,
    ComparesPaths,
    Comparison,
    Equals,
    HasHappened,
    IsKnown,
    Not,
    Scalar,
    Test,
    opposite,
)
from dealwright.playbook.language.levels import HasLevel
from dealwright.playbook.language.relative_dates import RelativeDate
from dealwright.playbook.language.triggers import wider_keys

_OPPOSITE: dict[Comparison, Comparison] = {"gte": "lt", "gt": "lte", "lte": "gt", "lt": "gte"}


def never(condition: Test) -> str | None:
    """Why a condition is never true; None if it may be."""
    match condition:
        case Any(parts):
            reasons = [never(part) for part in parts]
            return reasons[0] if reasons and all(reasons) else None
        case All(parts):
            inner = next((why for part in parts if (why := never(part)) is not None), None)
            return inner or Claims().contradiction(joined(condition))
        case Not(part):
            return always(part)
        case Equals() | Compares() | ComparesPaths() | RelativeDate():
            return no_value(condition)
        case IsKnown(path, True) if every_deal_has(path.text):
            return f"every deal has {path.text!r}"
        case _:
            return None


def spelled_out(condition: Test, levels: Mapping[str, Test]) -> Test:
    """A condition with what each level that must be reached asks for beside its name."""
    match condition:
        case HasLevel(level) if level in levels:
            return All((condition, spelled_out(levels[level], levels)))
        case All(parts):
            return All(tuple(spelled_out(part, levels) for part in parts))
        case Any(parts):
            return Any(tuple(spelled_out(part, levels) for part in parts))
        case _:
            return condition


def always(condition: Test) -> str | None:
    """Why a condition is true of every deal; None if it may not be."""
    if (found := whenever_known(condition)) is not None and decided_by_words(found[0]):
        return found[1]
    match condition:
        case IsKnown(path, False) if every_deal_has(path.text):
            return f"every deal has {path.text!r}"
        case Not(part):
            return never(part)
        case All(parts):
            reasons = [always(part) for part in parts]
            return reasons[0] if reasons and all(reasons) else None
        case Any(parts):
            inner = next((why for part in parts if (why := always(part)) is not None), None)
            if inner is None and Claims().contradiction(opposite(part) for part in parts) is not None:
                return f"one of its parts always holds: {condition.words()}"
            return inner
        case _:
            return None


def whenever_known(condition: Test) -> tuple[str, str] | None:
    """The path of which a condition only says that it is known, and why; None where it says more."""
    match condition:
        case Compares(path, how, limit):
            why = always_within(path.text, how, limit)
            return None if why is None else (path.text, why)
        case Equals(path, values, False) if path.words and set(path.words) <= set(values):
            return path.text, f"{path.text!r} is always one of {', '.join(path.words)}"
        case ComparesPaths(path, "gte" | "lte", other) if path.text == other.text:
            return path.text, f"{path.text!r} is compared with itself"
        case Any(parts) if len(paths := {one.path.text for one in parts if isinstance(one, Compares | Equals)}) == 1:
            alike = all(isinstance(one, Compares | Equals) for one in parts)
            denied = Claims(known=set(paths)).contradiction(opposite(part) for part in parts) if alike else None
            return None if denied is None else (next(iter(paths)), f"one of its parts holds: {condition.words()}")
        case _:
            return None


def joined(condition: Test) -> Iterator[Test]:
    """The parts that must all hold."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from joined(part)
    else:
        yield condition


def no_value(test: Test) -> str | None:
    """Why a comparison is with what its path never is."""
    match test:
        case Equals(path, values, False):
            reasons = [beyond(path.text, "is", value) or no_code(path.text, value) for value in values]
            return reasons[0] if all(reasons) else None
        case Equals(path, values, True) if path.words and set(path.words) <= set(values):
            return f"{path.text!r} is always one of {', '.join(path.words)}"
        case Compares(path, how, limit):
            return beyond(path.text, how, limit)
        case RelativeDate(path, "newer_than", Span(amount=0)):
            return f"nothing is newer than no time: {path!r}"
        case ComparesPaths(path, "gt" | "lt", other) if path.text == other.text:
            return f"{path.text!r} is compared with itself, which is never true"
        case _:
            return None


@dataclass
class Claims:
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
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of paths at which only these can stand."""
    not_if_known: list[Compares] = field(default_factory=list)
    """Comparisons that do not hold: of a value that is known, their opposite does."""
    at: set[str] = field(default_factory=set)
    not_at: set[str] = field(default_factory=set)
    """Levels that the deal is at, and is not at."""

    def contradiction(self, parts: Iterable[Test]) -> str | None:
        """Why these parts cannot all hold."""
        for part in parts:
            self._claim(part)
        for denied in self.not_if_known:
            if denied.path.text in self.known:
                self._limit(denied.path.text, _OPPOSITE[denied.how], denied.limit)
        return next(chain(self._of_names(), self._of_values(), self._of_happenings()), None)

    def _of_names(self) -> Iterator[str]:
        for level in sorted(self.at & self.not_at):
            yield f"the deal would be at {level!r} and not"
        for path in sorted(self.known & self.unknown):
            yield f"{path!r} would be known and not known"
        for path in sorted(self.ahead & self.past):
            yield f"{path!r} would be ahead and past"

    def _of_values(self) -> Iterator[str]:
        for path, values in self.only.items():
            if not any(self._may_be(path, value) for value in values):
                yield f"{path!r} has one value at a time"
        for path in sorted((self.words.keys() & self.known) - self.only.keys()):
            if not set(self.words[path]) - self.never.get(path, set()):
                yield f"{path!r} is always one of {', '.join(self.words[path])}"
        for path in self.above.keys() & self.below.keys():
            if not _room(self.above[path], self.below[path]):
                yield f"{path!r} would be above and below"

    def _of_happenings(self) -> Iterator[str]:
        for test in self.happened:
            if all(self._denies(key, test.scope) for key in test.keys):
                yield f"{test.words()!r} would have happened and not happened"

    def _claim(self, part: Test) -> None:
        if isinstance(part, Equals) and part.path.words:
            self.words[part.path.text] = part.path.words
        match part:
            case Not(denied):
                self._deny(denied)
            case Equals(path, values, negated) if path.kind != "texts":
                self._values(path.text, set(values), negated=negated)
                self.known.add(path.text)
            case Compares(path, how, limit):
                self._limit(path.text, how, limit)
                self.known.add(path.text)
            case RelativeDate(path, how, _):
                (self.ahead if how == "within" else self.past).add(path.text)
                self.known.add(path.text)
            case ComparesPaths(path, _, other):
                self.known |= {path.text, other.text}
            case IsKnown(path, negated):
                (self.unknown if negated else self.known).add(path.text)
            case HasHappened():
                self.happened.append(part)
            case HasLevel(level):
                self.at.add(level)

    def _deny(self, part: Test) -> None:
        if isinstance(part, Equals) and part.path.words:
            self.words[part.path.text] = part.path.words
        match part:
            case Equals(path, values, False) if path.kind != "texts":
                self._values(path.text, set(values), negated=True)
            case Compares():
                self.not_if_known.append(part)
            case IsKnown(path, negated):
                (self.known if negated else self.unknown).add(path.text)
            case HasHappened(keys, scope):
                self.did_not |= {(key, scope) for key in keys}
            case HasLevel(level):
                self.not_at.add(level)

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
