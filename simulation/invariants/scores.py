"""Scores are made of what happened, whatever order it was told in; time alone raises none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from dealwright import entries as e
from dealwright.fold.counting import MOST_COUNTED
from dealwright.playbook.language.scores import PointRule
from dealwright.rules.clocks import clock_for
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade


class _Told(NamedTuple):
    at: datetime
    about: str | None
    whom: frozenset[str]


class PointsAreForWhatHappened(Check):
    """A score's points are those of the times that its facts happened, each time once, without what was taken back."""

    listens_to = ("fact_taken", "person_recognised", "score_worked_out")

    def __init__(self) -> None:
        self._told: dict[tuple[str, str | None], set[_Told]] = defaultdict(set)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken():
                self._take(entry)
            case e.PersonRecognised():  # who did at one moment what a contact did as well did it too
                for told in entry.told:
                    self._take(told)
            case e.ScoreWorkedOut() if entry.score in replay.playbook.scores:
                rules = replay.playbook.scores[entry.score].points
                meant = Counter(one for rule in rules if rule.if_ is None for one in self._given(rule))
                given = Counter((one.give, one.at) for one in entry.points if one.at is not None)
                if given != meant:
                    yield f"{entry.score} has {sorted(given.elements())}, and should have {sorted(meant.elements())}"

    def _take(self, fact: e.FactTaken) -> None:
        if (back := fact.retracts or fact.takes_back_older) is not None:
            for (name, _), times in self._told.items():
                if name == back:
                    about = fact.about
                    times -= {t for t in times if t.at <= fact.happened_at and about in {None, t.about}}
        if fact.no_news is None:
            self._told[fact.fact, fact.variant].add(_Told(fact.happened_at, fact.about, frozenset(fact.concerns)))

    def _given(self, rule: PointRule) -> Iterator[tuple[int, datetime]]:
        times: list[datetime] = []
        for (name, variant), told in self._told.items():
            if name in rule.for_ or f"{name}:{variant}" in rule.for_:
                times += sorted(_moments(told), reverse=True)[:MOST_COUNTED]
        left = rule.at_most or MOST_COUNTED * MOST_COUNTED * abs(rule.give)
        for at in sorted(times, reverse=True):
            if (give := min(abs(rule.give), left)) > 0:
                yield (give if rule.give > 0 else -give, at)
            left -= give


def _moments(told: set[_Told]) -> Iterator[datetime]:
    """When it happened, once for each of those at one moment who have nobody in common."""
    at_once: dict[tuple[datetime, str | None], list[frozenset[str]]] = defaultdict(list)
    for one in told:
        apart = at_once[one.at, one.about]
        joined = [each for each in apart if each & one.whom]
        at_once[one.at, one.about] = [each for each in apart if each not in joined] + [one.whom.union(*joined)]
    for (at, _), apart in at_once.items():
        yield from [at] * max(1, sum(map(bool, apart)))


class TimeRaisesNoScore(Check):
    """A score to which no points come is never higher than before."""

    listens_to = ("score_worked_out",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.ScoreWorkedOut) and not entry.gained and not entry.lost and entry.value > entry.was:
            yield f"{entry.score} rises from {entry.was} to {entry.value} by itself"


class LevelsAreWhatIsSo(Check):
    """A deal is at a level exactly while its condition is true, also when points have faded."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        state, playbook = replay.state, replay.playbook
        if state.finished or state.deal is None:
            return
        clock = clock_for(state, playbook, made.now)
        for name, score in playbook.scores.items():
            standing = state.scores.get(name)
            if standing is not None and standing.falls_at is not None and standing.falls_at <= made.now:
                yield f"{name} has faded past a line since {standing.falls_at}, and is {standing.value}"
            if standing is not None and score.points_of(state, clock) != standing.points:
                yield f"{name} is made of other points than those that hold"
        for level, condition in playbook.levels.items():
            if condition.test(state, None, clock) is not (level in state.levels):
                yield f"{level} is {'reached' if level in state.levels else 'not reached'}, and should not be so"
