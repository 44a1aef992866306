"""Scores: points for what is so and for what happened, which fade where the score has a half-life."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from dealwright.calendar.durations import ELAPSED, Span
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.entries import ScorePoint
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.conditions import Compares, Equals
from dealwright.playbook.language.counts import key_explained
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.levels import LevelName
from dealwright.playbook.language.triggers import Triggers
from dealwright.state import DealState
from dealwright.values.recorded import Given, Name, Whole

_MOST_HALVINGS = 64
"""After so many half-lives nothing is left of any points."""
_MOST_POINTS = 1000
_TICK = timedelta(microseconds=1)
_DOUBT = 1e-9
"""A sum of floats is wrong by less, for each point given; what is nearer to a half is summed exactly."""


def _elapsed(span: Span) -> Span:
    if span.unit in ELAPSED and span.amount:
        return span
    raise BadValue(f"{span} is no half-life", "write minutes, hours or days, such as 14d")


def _some(points: int) -> int:
    if points and abs(points) <= _MOST_POINTS:
        return points
    raise BadValue(f"{points} gives no points", f"write a whole number from -{_MOST_POINTS} to {_MOST_POINTS}, but 0")


_Said: TypeAlias = tuple[int, str, datetime | None]
"""What a point says: how many, for what, and when that happened."""
Asked: TypeAlias = Compares | Equals
"""What a condition asks of a score."""
HalfLife = Annotated[Span, AfterValidator(_elapsed)]
Give = Annotated[Whole, AfterValidator(_some)]
Most = Annotated[Whole, Field(gt=0, le=10_000)]


class PointRule(Given):
    """Points for what is so, or for each time that something happened."""

    if_: Condition | None = Field(default=None, alias="if")
    """They are given as long as this is true; what happened counts since ever."""
    for_: Triggers = Field(default=(), alias="for")
    """They are given each time that one of these facts happens."""
    give: Give
    """How many; fewer than none take away."""
    at_most: Most | None = None
    """For all times together, no more than this; the last times count first."""
    why: Name | None = None
    """What people read beside the points; else what they are given for."""

    @model_validator(mode="after")
    def _one_cause(self) -> Self:
        if (self.if_ is None) != bool(self.for_):
            what = "two causes" if self.for_ else "no cause"
            raise BadValue(f"the points have {what}", "write if: a condition, or for: a fact")
        if self.at_most is not None and not self.for_:
            raise BadValue("at_most says nothing here: these points are given once", "take it out")
        if self.at_most is not None and self.at_most < abs(self.give):
            problem = f"at_most {self.at_most} is less than what one time gives"
            raise BadValue(problem, f"write at least {abs(self.give)}, or give less")
        return self

    def given(self, state: DealState, clock: Clock, had: Mapping[_Said, ScorePoint]) -> Iterator[ScorePoint]:
        """The points that a deal has by this rule; those that it ``had`` are the same ones."""
        if self.if_ is not None:
            if self.if_.test(state, None, clock):
                yield self._while_so
            return
        left = self.at_most
        for at, key in self._times(state):
            give = self.give if left is None else max(-left, min(left, self.give))
            if give == 0:
                return
            why = self.why or key_explained(key)
            yield had.get((give, why, at)) or ScorePoint(give=give, why=why, at=at)
            left = None if left is None else left - abs(give)

    def _times(self, state: DealState) -> list[tuple[datetime, str]]:
        """When it happened, the last time first."""
        mine = {key for key in self.for_ if key in state.counted}
        if self._whole_facts:
            mine.update([key for key in state.counted if key.partition(":")[0] in self._whole_facts])
        return sorted(((one.at, key) for key in mine for one in state.counted[key]), reverse=True) if mine else []

    @cached_property
    def _whole_facts(self) -> frozenset[str]:
        """The facts that points are given for in each of their variants."""
        return frozenset(key for key in self.for_ if ":" not in key)

    @cached_property
    def _while_so(self) -> ScorePoint:
        """What is given as long as the condition is true."""
        words = self.if_.words() if self.if_ is not None else ""
        return ScorePoint(give=self.give, why=self.why or words[:200])


class Score(Given):
    """A number made of points, never below 0."""

    half_life: HalfLife | None = None
    """After so long, half of the points for what happened is left; without it, they stay. A day has 24 hours."""
    points: Annotated[tuple[PointRule, ...], Field(min_length=1, max_length=100)]
    """What points are given for."""
    max: Most | None = None
    """The score is never above this."""

    def points_of(self, state: DealState, clock: Clock, before: Sequence[ScorePoint] = ()) -> tuple[ScorePoint, ...]:
        """All points that a deal has now, as they were given; of those ``before``, whatever it still has."""
        had: dict[_Said, ScorePoint] = {(one.give, one.why, one.at): one for one in before}
        found: list[ScorePoint] = []
        for rule in self.points:
            found += rule.given(state, clock, had)
        return tuple(found)

    def value(self, points: Sequence[ScorePoint], now: datetime) -> int:
        """The score in whole points, halves rounded up."""
        whole = max(0, sum([one.give for one in points]) if self._half is None else self._faded(points, now))
        return whole if self.max is None else min(self.max, whole)

    def _faded(self, points: Sequence[ScorePoint], now: datetime) -> int:
        nearly = math.fsum([self._nearly_left(one, now) for one in points]) + 0.5
        doubt, whole = _DOUBT * sum([abs(one.give) for one in points]), math.floor(nearly)
        if doubt < nearly - whole < 1 - doubt:
            return whole
        return math.floor(sum((self._left(one, now) for one in points), Fraction(1, 2)))

    def falls_at(self, points: Sequence[ScorePoint], now: datetime, asked: Sequence[Asked]) -> datetime | None:
        """When fading makes true or false what is asked of it; None if it never does by itself."""
        times = [one.at for one in points if one.at is not None]
        if self._half is None or not times or not asked:
            return None
        here, end = _answers(self.value(points, now), asked), max(*times, now) + (_MOST_HALVINGS + 1) * self._half
        if _answers(self.value(points, end), asked) == here:
            return None
        still, gone = 0, (end - now) // _TICK
        while gone - still > 1:
            middle = (still + gone) // 2
            if _answers(self.value(points, now + middle * _TICK), asked) == here:
                still = middle
            else:
                gone = middle
        return now + gone * _TICK

    def _nearly_left(self, point: ScorePoint, now: datetime) -> float:
        """The same as ``_left``, in a tenth of the time, and not quite exact."""
        if point.at is None or self._half is None or now <= point.at:
            return point.give
        halvings, rest = divmod((now - point.at) / self._half, 1)
        return point.give * 0.5**halvings * (1 - rest / 2) if halvings < _MOST_HALVINGS else 0

    def _left(self, point: ScorePoint, now: datetime) -> Fraction:
        """What is left of points: half after each half-life, and in a straight line between."""
        if point.at is None or self._half is None or now <= point.at:
            return Fraction(point.give)
        halvings, rest = divmod(now - point.at, self._half)
        if halvings >= _MOST_HALVINGS:
            return Fraction(0)
        return Fraction(point.give, 2**halvings) * (1 - Fraction(rest // _TICK, 2 * (self._half // _TICK)))

    @cached_property
    def _half(self) -> timedelta | None:
        return self.half_life.amount * ELAPSED[self.half_life.unit] if self.half_life else None


def _answers(value: int, asked: Sequence[Asked]) -> tuple[bool, ...]:
    return tuple(one.holds_for(Decimal(value)) for one in asked)


def answers_differ(one: int, other: int, asked: Sequence[Asked]) -> bool:
    """Whether what is asked of a score is true of one value and false of another."""
    return one != other and _answers(one, asked) != _answers(other, asked)


Scores = Annotated[dict[Word, Score], Field(max_length=20)]
"""The scores of a playbook, by name."""
Levels = Annotated[dict[LevelName, Condition], Field(max_length=20)]
"""The levels of a playbook, by name, from the first to the last: each may ask for those above it."""
