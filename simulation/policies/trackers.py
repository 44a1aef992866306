"""What follows one policy through one life, and says when it is broken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState
from simulation.policies.dates import DueTracker, reckoned
from simulation.policies.open_work import has_next_step, is_open
from simulation.policies.policy import AlwaysHappens, HasNextStep, Holds, MoreThan, NeverHappens, Policy, requirements
from simulation.policies.spans import begin_of, end_of
from simulation.policies.tracker import Broken, Heard, Tracker, words
from simulation.policies.windows import Windows
from simulation.timeline.happening import Happening
from simulation.timeline.pattern import Pattern


class NeverTracker(Tracker):
    """``never: {what happens, after, before, …}``."""

    def __init__(self, policy: Policy, playbook: Playbook, rule: NeverHappens) -> None:
        super().__init__(policy, playbook)
        self._pattern, self._when = rule.pattern, rule.when
        self._windows = Windows(rule.when, playbook)
        self._times: dict[str | None, list[datetime]] = {}
        """When it happened last, by whom it was for where that counts."""

    def patterns(self) -> tuple[Pattern, ...]:
        return (self._pattern, *self._when.after, *self._when.before)

    def hear(self, heard: Heard) -> None:
        if self._pattern.matches(heard.happening) and self.applies(heard.state, heard.entry.at):
            self.tried |= not self._when.after
            self._judge(heard)
        self._windows.hear(heard.happening, heard.entry)
        self.tried |= self._windows.opened > 0

    def _judge(self, heard: Heard) -> None:
        since = None
        if self._when.after:
            window = self._windows.open_for(heard.happening, heard.entry)
            if window is None:
                return
            since = window.since
        elif self._when.before and self._windows.before_has_come:
            return
        if not self._is_at_a_wrong_time(heard):
            return
        if self._when.more_than is None:
            self.break_by(heard, self._why(heard.happening, since), since)
        else:
            self._count(heard, self._when.more_than, since)

    def _is_at_a_wrong_time(self, heard: Heard) -> bool:
        """Whether it comes earlier or later than its date allows, where the policy says so; else any time is wrong."""
        early, late = (self._reckoned(one, heard) for one in (self._when.earlier_than, self._when.later_than))
        if self._when.earlier_than is None and self._when.later_than is None:
            return True
        at = heard.happening.at
        return (early is not None and at < early) or (late is not None and at > late)

    def _reckoned(self, dated: Dated | None, heard: Heard) -> datetime | None:
        """When a time is that is reckoned from a date; None while the date is not known."""
        return None if dated is None else reckoned(dated, self.playbook, heard.state, heard.happening.at)

    def _count(self, heard: Heard, rate: MoreThan, since: Happening | None) -> None:
        at = heard.happening.at
        begins = begin_of(rate.per, at, self.playbook)
        whom = _for_whom(heard) if self._when.about == "contact" else None
        self._times[whom] = [one for one in self._times.get(whom, ()) if one > begins] + [at]
        if (number := len(self._times[whom])) > rate.times:
            said = f" for {whom}" if whom is not None else ""
            self.break_by(heard, f"{words(heard.happening)} is number {number}{said} within {rate.per}", since)

    def _why(self, happening: Happening, since: Happening | None) -> str:
        for word, dated in (("earlier", self._when.earlier_than), ("later", self._when.later_than)):
            if dated is not None:
                return f"{words(happening)} comes {word} than {dated.words()}"
        if since is not None:
            return f"{words(happening)} comes after {words(since)} of {since.at:%a %d %b %H:%M}"
        if self._when.before:
            awaited = " or ".join(pattern.words() for pattern in self._when.before)
            return f"{words(happening)} comes before {awaited}"
        return f"{words(happening)} happens" + (f" while {self.policy.if_.words()}" if self.policy.if_ else "")


def _for_whom(heard: Heard) -> str | None:
    """The contact whom something is for: by address, so that two contacts with one address are one person."""
    return getattr(heard.entry, "address", None) or getattr(heard.entry, "contact", None)


class SuchTracker(Tracker):
    """``always: {approval: discount, asks: finance}``: each of a kind is such."""

    def __init__(self, policy: Policy, playbook: Playbook, rule: AlwaysHappens) -> None:
        super().__init__(policy, playbook)
        self._wanted = rule.pattern
        self._each = without_requirements(rule.pattern)

    def patterns(self) -> tuple[Pattern, ...]:
        return (self._each,)

    def hear(self, heard: Heard) -> None:
        if self._each.matches(heard.happening) and self.applies(heard.state, heard.entry.at):
            self.tried = True
            if not self._wanted.matches(heard.happening):
                lacking = ", ".join(
                    f"{key} {' and '.join(value) if isinstance(value, tuple) else str(value).lower()}"
                    for key in requirements(self._wanted)
                    for value in [getattr(self._wanted, key)]
                )
                said = f" ({heard.happening.text})" if heard.happening.text else ""
                self.break_by(heard, f"{words(heard.happening)}{said} is not: {lacking}")


class _Due(NamedTuple):
    since: Happening
    by: datetime


class FollowsTracker(Tracker):
    """``always: {what happens, after, within, unless}``: it happens in time."""

    def __init__(self, policy: Policy, playbook: Playbook, rule: AlwaysHappens) -> None:
        super().__init__(policy, playbook)
        self._pattern, self._when = rule.pattern, rule.when
        self._fresh: list[Happening] = []
        self._due: list[_Due] = []

    def patterns(self) -> tuple[Pattern, ...]:
        return (self._pattern, *self._when.after, *self._when.unless)

    def hear(self, heard: Heard) -> None:
        one = heard.happening
        self._miss(heard.state, one.at)
        if self._pattern.matches(one) or any(each.matches(one) for each in self._when.unless):
            self._due.clear()
        if one.kind in {"closed", "paused"}:
            self._due.clear()
        if any(each.matches(one) for each in self._when.after):
            self._fresh.append(one)

    def decided(self, state: DealState, now: datetime) -> None:
        if state.finished or state.pause is not None:
            self._due.clear()
        at_once = self._when.within is None
        self._miss(state, now + timedelta(microseconds=at_once))

    def ended(self, state: DealState, now: datetime) -> None:
        self._miss(state, now)

    def learned(self, state: DealState) -> None:
        for one in self._fresh:
            if self.applies(state, one.at) and state.pause is None:
                self.tried = True
                if is_open(self._pattern, state):
                    continue
                by = end_of(self._when.within, one.at, self.playbook) if self._when.within is not None else one.at
                self._due.append(_Due(one, by))
        self._fresh.clear()

    def _miss(self, state: DealState, now: datetime) -> None:
        for due in self._due:
            if due.by < now and self.broken is None:
                within = f" within {self._when.within}" if self._when.within is not None else " at once"
                why = f"no {self._pattern.words()}{within} of {words(due.since)}, told {due.since.at:%a %d %b %H:%M}"
                self.broken = Broken(due.by, state.entries, why, None, due.since)


class HoldsTracker(Tracker):
    """``never`` and ``always`` with a condition."""

    def __init__(self, policy: Policy, playbook: Playbook, rule: Holds) -> None:
        super().__init__(policy, playbook)
        self._rule = rule

    def decided(self, state: DealState, now: datetime) -> None:
        if state.finished or not self.applies(state, now):
            return
        self.tried = True
        if self.holds(self._rule.condition, state, now) is self._rule.never and self.broken is None:
            verb = "holds" if self._rule.never else "does not hold"
            why = f"{self._rule.condition.words()} {verb} in {state.stage}"
            self.broken = Broken(now, state.entries, why, stage=state.stage)


class NextStepTracker(Tracker):
    """``always: next_step``."""

    def decided(self, state: DealState, now: datetime) -> None:
        if state.finished or state.pause is not None or not self.applies(state, now):
            return
        self.tried = True
        if not has_next_step(state, now) and self.broken is None:
            why = f"nobody has a next step in {state.stage}"
            self.broken = Broken(now, state.entries, why, stage=state.stage)


def without_requirements(pattern: Pattern) -> Pattern:
    """The same kind and names, whatever else they are."""
    fields = type(pattern).model_fields
    return pattern.model_copy(update={key: fields[key].get_default() for key in requirements(pattern)})


def tracker_of(policy: Policy, playbook: Playbook) -> Tracker:
    """What follows a policy."""
    match policy.rule:
        case NeverHappens() as rule:
            return NeverTracker(policy, playbook, rule)
        case AlwaysHappens(_, when) as rule if when.by is not None:
            return DueTracker(policy, playbook, rule, when.by)
        case AlwaysHappens() as rule:
            return (FollowsTracker if rule.when.after else SuchTracker)(policy, playbook, rule)
        case Holds() as rule:
            return HoldsTracker(policy, playbook, rule)
        case HasNextStep():
            return NextStepTracker(policy, playbook)
