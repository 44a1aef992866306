"""Policies about dates: what must have happened by a time that is reckoned from one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.rules.clocks import clock_for, time_of
from dealwright.state import DealState
from dealwright.values.times import in_full
from simulation.policies.open_work import is_open
from simulation.policies.policy import AlwaysHappens, Policy
from simulation.policies.tracker import Broken, Heard, Tracker
from simulation.timeline.happening import Happening
from simulation.timeline.pattern import Pattern


def reckoned(dated: Dated, playbook: Playbook, state: DealState, now: datetime) -> datetime | None:
    """When a time is that is reckoned from a date; None while the date is not known."""
    times = time_of(dated, playbook, state, clock_for(state, playbook, now))
    return None if times is None else times[1]


class _Due(NamedTuple):
    """A time that is ahead, as it was known last."""

    at: datetime
    about: str | None
    """The meeting, demo, proposal or term whose date it is."""


class DueTracker(Tracker):
    """``always: {what happens, by: {before: contract.ends_on, by: 60d}}``: it has happened by then.

    What counts is the time as the deal knew it last before it came: a date that is learned when the time is past
    asks for nothing. It may have happened at any moment since the last such time, for the same contract term,
    meeting, demo or proposal.
    """

    def __init__(self, policy: Policy, playbook: Playbook, rule: AlwaysHappens, by: Dated) -> None:
        super().__init__(policy, playbook)
        self._pattern, self._by, self._unless = rule.pattern, by, rule.when.unless
        self._due: _Due | None = None
        self._was_due: datetime | None = None
        """When it was due last; what happened until then counts no more."""
        self._happened: list[tuple[Happening, str | None]] = []

    def patterns(self) -> tuple[Pattern, ...]:
        return (self._pattern, *self._unless)

    def hear(self, heard: Heard) -> None:
        one = heard.happening
        self._look(heard.state, one.at)
        if any(each.matches(one) for each in (self._pattern, *self._unless)):
            self._happened.append((one, self._about(heard.state)))

    def decided(self, state: DealState, now: datetime) -> None:
        self._look(state, now)
        self._due = None
        if state.finished or state.pause is not None or not self.applies(state, now):
            return
        at = reckoned(self._by, self.playbook, state, now)
        if at is not None and at >= now and (self._was_due is None or at > self._was_due):
            self._due = _Due(at, self._about(state))

    def ended(self, state: DealState, now: datetime) -> None:
        self._look(state, now)

    def _about(self, state: DealState) -> str | None:
        return state.focus.get(self._by.anchor.partition(".")[0])

    def _look(self, state: DealState, now: datetime) -> None:
        """Judge the time that was ahead, once it is past."""
        due = self._due
        if due is None or due.at >= now:
            return
        self.tried, self._due = True, None
        begins, self._was_due = self._was_due, due.at
        in_time = any(
            one.at <= due.at and (begins is None or one.at > begins) and about in {None, due.about}
            for one, about in self._happened
        )
        if not in_time and not is_open(self._pattern, state) and self.broken is None:
            why = f"no {self._pattern.words()} by {in_full(due.at)}, {self._by.words()}"
            self.broken = Broken(due.at, state.entries, why)
