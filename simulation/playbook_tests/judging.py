"""Whether what happened is what a test says must follow; where not, what happened instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dealwright.diagnostics.diagnostic import Place
from dealwright.playbook.language.model import Playbook
from simulation.playbook_tests.expectations import Bound, Expectation
from simulation.playbook_tests.language import Occasion
from simulation.playbook_tests.points import Clock, Point
from simulation.playbook_tests.running import Lived
from simulation.timeline.happening import Happening
from simulation.timeline.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that a test says, and that is not so."""

    place: Place
    """Where the test says it."""
    expected: str
    """What should be, as the test has it."""
    problem: str
    """What is wrong."""
    instead: tuple[Happening, ...] = ()
    """What happened instead: at the wrong time, too often, or although it never should."""


@dataclass(frozen=True, slots=True)
class _Span:
    """The happenings that count for an expectation: by when they come, and by their order in the story."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None
    after: int = 0
    before: int | None = None

    def holds(self, one: Happening) -> bool:
        return (
            (self.begins_at is None or one.at >= self.begins_at)
            and (self.ends_at is None or one.at < self.ends_at)
            and one.number > self.after
            and (self.before is None or one.number < self.before)
        )


def judge(test: Occasion, lived: Lived, playbook: Playbook) -> tuple[Failure, ...]:
    """Everything that is not as the test says; nothing when it holds."""
    failures = [Failure(one.place, one.what, f"the deal did not take it: {one.why}") for one in lived.refused]
    if lived.circle is not None:
        failures.append(Failure(("name",), test.name, lived.circle))
    judging = _Judging(lived, Clock(playbook.calendar))
    for expected in test.expected:
        failures += judging.of(expected)
    return tuple(failures)


class _Judging:
    def __init__(self, lived: Lived, clock: Clock) -> None:
        self._lived, self._clock = lived, clock

    def of(self, expected: Expectation) -> Iterator[Failure]:
        place, words = ("then", *expected.place), expected.words()
        unmet = self._unmet_bound(expected)
        if unmet is not None:
            yield Failure(place, words, f"{unmet.words()} did not happen")
            return
        span = self._span(expected)
        if len(expected.meant) > 1:
            yield from self._in_order(expected, span, place)
            return
        (meant,) = expected.meant
        found = [one for one in self._lived.counted if meant.matches(one) and not one.again]
        inside = [one for one in found if span.holds(one)]
        times = expected.limits.times
        if expected.never and inside:
            yield Failure(place, words, "it happened", tuple(inside))
        elif not expected.never and times is not None and len(inside) != times:
            problem = f"it happened {_times(len(inside))}, not {_times(times)}"
            yield Failure(place, words, problem, tuple(inside or found))
        elif not expected.never and not inside:
            yield Failure(place, words, "it happened at another time" if found else "it did not happen", tuple(found))

    def _in_order(self, expected: Expectation, span: _Span, place: Place) -> Iterator[Failure]:
        after = 0
        came: list[Pattern] = []
        for meant in expected.meant:
            found = [one for one in self._lived.counted if meant.matches(one) and span.holds(one)]
            one = next((each for each in found if each.number > after), None)
            if one is None:
                before = f" after {came[-1].words()}" if came else ""
                yield Failure(place, expected.words(), f"{meant.words()} did not happen{before}", tuple(found))
                return
            after = one.number
            came.append(meant)

    def _span(self, expected: Expectation) -> _Span:
        limits, since = expected.limits, self._lived.last_at
        begins_at = self._clock.begin(limits.at, since) if limits.at else None
        ends = [self._clock.end(point, since) for point in (limits.at, limits.by) if point is not None]
        if isinstance(limits.after, Point):
            after = self._clock.moment(limits.after, since)
            begins_at = max(begins_at, after) if begins_at else after
        if isinstance(limits.before, Point):
            ends.append(self._clock.moment(limits.before, since))
        first_after, first_before = self._first(limits.after), self._first(limits.before)
        return _Span(
            begins_at, min(ends, default=None), first_after.number if first_after else 0,
            first_before.number if first_before else None,
        )  # fmt: skip

    def _unmet_bound(self, expected: Expectation) -> Pattern | None:
        """What should have happened for the expectation to say anything."""
        for bound in (expected.limits.after, expected.limits.before):
            if isinstance(bound, Pattern) and self._first(bound) is None:
                return bound
        return None

    def _first(self, bound: Bound | None) -> Happening | None:
        """The first happening that a bound means; also of what brought the deal to where the test begins."""
        if not isinstance(bound, Pattern):
            return None
        return next((one for one in self._lived.happenings if bound.matches(one)), None)


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
