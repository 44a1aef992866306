"""Conditions that ask how far a date lies ahead or back: true from one time on, and perhaps until another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from dealwright.calendar.durations import Span
from dealwright.calendar.opening_index import OutOfReach
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.counts import Since
from dealwright.playbook.language.paths import Path
from dealwright.state import DealState

Distance: TypeAlias = Literal["within", "older_than", "newer_than"]
"""How far a date lies ahead or back."""

_DISTANCES: dict[Distance, str] = {
    "within": "within the next {}",
    "older_than": "at least {} ago",
    "newer_than": "less than {} ago",
}


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
        try:
            if self.how == "within":
                return calendar.subtract(at, self.span), _is_over(value, clock)
            later = calendar.add(at, self.span)
        except OutOfReach:  # dates that mean never, such as 9999-12-31, are neither ahead nor back
            return None
        return (at, later) if self.how == "newer_than" else (later, None)


def _is_over(value: date, clock: Clock) -> datetime:
    """When a day is over where the owner is; a time is over just after it."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    return clock.first_moment(value + timedelta(days=1))
