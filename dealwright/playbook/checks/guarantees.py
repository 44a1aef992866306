"""What a playbook makes sure of before a message goes out: the paths whose values its template can count on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dealwright.facts import FACTS
from dealwright.playbook.checks.traversal import PlayAt, plays_in
from dealwright.playbook.language.conditions import (
    All,
    Any,
    Compares,
    ComparesPaths,
    Equals,
    IsKnown,
    Not,
    Test,
    opposite,
)
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import DATED_PATHS
from dealwright.playbook.language.relative_dates import RelativeDate
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.step import Step

TAUGHT_BY = {path: tuple(name for name, fact in FACTS.items() if path in fact.dates) for path in DATED_PATHS}
"""The facts from which a deal first learns a date."""


def sure_in(playbook: Playbook) -> Mapping[str, frozenset[str]]:
    """For each template, the paths that every step that sends it makes sure of."""
    found: dict[str, frozenset[str]] = {}
    for at in plays_in(playbook):
        for number, step in enumerate(at.play.actions):
            if isinstance(step, MessageStep):
                sure = frozenset(_sure_of(at, step, number))
                found[step.template] = found.get(step.template, sure) & sure
    return found


def _sure_of(at: PlayAt, step: Step, number: int) -> Iterator[str]:
    for dated in (at.play.dated, step.at):
        if dated is not None:
            yield dated.anchor
    for condition in (at.play.if_, step.if_):
        if condition is not None:
            yield from known_if(condition)
    for owner in at.play.branches.before(number):
        if (denied := at.play.actions[owner].if_) is not None:
            yield from known_if(opposite(denied))
    for path, facts in TAUGHT_BY.items():
        if at.keys and set(at.keys) <= set(facts):
            yield path


def known_if(condition: Test) -> frozenset[str]:
    """The paths that have a value whenever a condition is true."""
    match condition:
        case Equals() | Compares() | RelativeDate():
            return frozenset({condition.path.text})
        case ComparesPaths(path, _, other):
            return frozenset({path.text, other.text})
        case IsKnown(path, negated):
            return frozenset() if negated else frozenset({path.text})
        case Not(IsKnown(path, True)):
            return frozenset({path.text})
        case All(parts):
            return frozenset().union(*(known_if(part) for part in parts))
        case Any(parts) if parts:
            return frozenset.intersection(*(known_if(part) for part in parts))
        case _:
            return frozenset()
