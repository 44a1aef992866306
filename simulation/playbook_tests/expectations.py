"""What must follow in a test, and what must not.

=====================================================  ===============================================================
written                                                what it means
=====================================================  ===============================================================
``{email: cold-1}``                                    it happens (``simulation.timeline.patterns`` says what may stand)
``{email: cold-1, by: 2026-03-04}``                    … by the end of that day (or minute, or delay)
``{email: cold-1, at: 2026-03-02}``                    … on that day (or in that minute)
``{email: cold-1, after: demo_held}``                  … after that has happened, or after a point in time
``{email: cold-1, before: demo_held}``                 … before that happens, or before a point in time
``{email: any, times: 3}``                             it happens so often, and not more often
``{never: {email: renewal-talk}}``                     it does not happen
``{by 2027-03-05: {closed: churned}}``                 the same as ``by`` beside it; also ``at …``
``{in_order: [{email: cold-1}, {task: call}]}``        each happens, one after another
=====================================================  ===============================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeAlias, TypeVar

from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic, Place
from dealwright.facts import FACTS
from dealwright.playbook.language.triggers import EVENTS
from simulation.playbook_tests.points import Point, read_point
from simulation.timeline.pattern import Pattern
from simulation.timeline.patterns import read_pattern

Bound: TypeAlias = Point | Pattern
"""A point in time, or what happens."""
Read = TypeVar("Read")
_MODIFIERS = ("at", "by", "after", "before", "times")
_BLOCKS = ("never", "in_order")
_WITH_POINT = ("by", "at")
_MOST_TIMES = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """When, and how often."""

    at: Point | None = None
    by: Point | None = None
    after: Bound | None = None
    before: Bound | None = None
    times: int | None = None

    def words(self) -> str:
        """They as the file has them."""
        said = [(name, getattr(self, name)) for name in _MODIFIERS if getattr(self, name) is not None]
        return "".join(f", {name} {value.words() if isinstance(value, Pattern) else value}" for name, value in said)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that must, or must not, happen."""

    meant: tuple[Pattern, ...]
    """What; several in the order in which they must come."""
    limits: Limits
    place: Place
    """Where it stands under ``then``."""
    never: bool = False

    def words(self) -> str:
        """It as the file has it."""
        what = ", then ".join(one.words() for one in self.meant)
        return f"{'never ' if self.never else ''}{what}{self.limits.words()}"

    def points(self) -> Iterator[Point]:
        """The points in time that it names."""
        for bound in (self.limits.at, self.limits.by, self.limits.after, self.limits.before):
            if isinstance(bound, Point):
                yield bound

    def patterns(self) -> Iterator[Pattern]:
        """All that it says may happen."""
        yield from self.meant
        for bound in (self.limits.after, self.limits.before):
            if isinstance(bound, Pattern):
                yield bound


def read_expectations(written: object) -> tuple[Expectation, ...]:
    """Read what must follow: one expectation, several in a mapping, or a list.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    if isinstance(written, tuple):
        return written
    reader = _Reader()
    found = tuple(reader.read(written, (), Limits(), never=False))
    if reader.wrong:
        raise BadInput(reader.wrong)
    return found


class _Reader:
    """Reads on after a mistake, so that all are told at once."""

    def __init__(self) -> None:
        self.wrong: list[Diagnostic] = []

    def read(self, written: object, place: Place, limits: Limits, *, never: bool) -> Iterator[Expectation]:
        match written:
            case list() if written:
                for index, each in enumerate(written):
                    yield from self.read(each, (*place, index), limits, never=never)
            case dict() if written:
                yield from self._mapping(written, place, limits, never=never)
            case _:
                yield from self._one(written, place, limits, never=never)

    def _mapping(
        self, written: Mapping[str, object], place: Place, limits: Limits, *, never: bool
    ) -> Iterator[Expectation]:
        own = self._limits(written, place, limits)
        rest: dict[str, object] = {}
        blocks = 0
        for key, value in written.items():
            inner = (*place, key)
            name, _, point = key.partition(" ")
            if key == "never":
                yield from self.read(value, inner, own, never=not never)
            elif key == "in_order":
                yield from self._in_order(value, inner, own)
            elif name in _WITH_POINT and point:
                at = self._try(inner, partial(read_point, point))
                bounded = replace(own, by=at or own.by) if name == "by" else replace(own, at=at or own.at)
                yield from self.read(value, inner, bounded, never=never)
            else:
                if key not in _MODIFIERS:
                    rest[key] = value
                continue
            blocks += 1
        if rest or not blocks:
            yield from self._one(rest or None, place, own, never=never)

    def _in_order(self, written: object, place: Place, limits: Limits) -> Iterator[Expectation]:
        if not isinstance(written, list) or len(written) < 2:
            self._note(place, BadValue("an order is of several things", "write in_order: [first, second]"))
            return
        found: list[Pattern] = []
        for index, each in enumerate(written):
            found += self._pattern(each, (*place, index), besides=())
        yield Expectation(tuple(found), limits, place)

    def _one(self, written: object, place: Place, limits: Limits, *, never: bool) -> Iterator[Expectation]:
        if never and limits.times is not None:
            self._note((*place, "times"), BadValue("never is no number of times", "keep never, or times"))
        for pattern in self._pattern(written, place, besides=(*_MODIFIERS, *_BLOCKS)):
            yield Expectation((pattern,), limits, place, never)

    def _pattern(self, written: object, place: Place, *, besides: tuple[str, ...]) -> Iterator[Pattern]:
        pattern = self._try(place, lambda: read_pattern(written, besides=besides))
        if pattern is not None:
            yield pattern

    def _limits(self, written: Mapping[str, object], place: Place, around: Limits) -> Limits:
        def said(name: str, read: Callable[[object], Read]) -> Read | None:
            return self._try((*place, name), lambda: read(written[name])) if name in written else None

        return Limits(
            said("at", _point) or around.at,
            said("by", _point) or around.by,
            said("after", _bound) or around.after,
            said("before", _bound) or around.before,
            said("times", _times) or around.times,
        )

    def _try(self, place: Place, read: Callable[[], Read]) -> Read | None:
        try:
            return read()
        except BadInput as error:
            self._note(place, error)
            return None

    def _note(self, place: Place, error: BadInput) -> None:
        self.wrong += [one.under(*place) for one in error.diagnostics]


def _times(written: object) -> int:
    if isinstance(written, bool) or not isinstance(written, int) or not 1 <= written <= _MOST_TIMES:
        raise BadValue(
            f"{written!r} is no number of times", f"write 1 to {_MOST_TIMES}, or never: and what must not be"
        )
    return written


def _point(written: object) -> Point:
    if not isinstance(written, str | date) or (isinstance(written, str) and (written in FACTS or written in EVENTS)):
        raise BadValue(f"{written!r} is no point in time", "write after: or before: and what happens")
    return read_point(written)


def _bound(written: object) -> Bound:
    looks_like_a_point = not isinstance(written, dict) and (str(written)[:1].isdigit() or str(written)[:1] == "+")
    return read_point(written) if looks_like_a_point else read_pattern(written)
