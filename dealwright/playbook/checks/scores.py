"""Scores and levels: points that never come, lines that are never reached, names that mean something else."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS
from dealwright.fold.counting import MOST_COUNTED
from dealwright.playbook.checks.traversal import conditions_in
from dealwright.playbook.language.conditions import Compares, ComparesPaths, Equals, Test, leaves
from dealwright.playbook.language.levels import HasLevel
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import SCORE
from dealwright.playbook.language.scores import PointRule, Score
from dealwright.playbook.language.triggers import EVENTS

_JOINED = {"not", "any", "all", "times", "within"}


def wrong_scores(playbook: Playbook) -> Iterator[Diagnostic]:
    """What keeps scores and levels from meaning anything."""
    for level, condition in playbook.levels.items():
        if level in _JOINED or level in EVENTS or level in FACTS:
            problem = f"{level!r} means something else in a condition"
            yield Diagnostic(("levels", level), problem, "give the level another name")
        yield from _of_no_level_above(playbook, level, condition)
    for name, score in playbook.scores.items():
        for number, rule in enumerate(score.points):
            yield from _wrong_rule(score, rule, ("scores", name, "points", number))
    for place, condition in conditions_in(playbook):
        for leaf in leaves(condition):
            if isinstance(leaf, ComparesPaths) and any(each.text.startswith(SCORE) for each in (leaf.path, leaf.other)):
                yield Diagnostic(place, "a score is compared with another path", "compare it with a number")


def idle_scores(playbook: Playbook) -> Iterator[Diagnostic]:
    """Scores that nothing asks for, and numbers that no score ever comes to."""
    for name in playbook.scores:
        if name not in playbook.asked_of_scores:
            remedy = f"ask for {SCORE}{name} in a level or a condition, or take it out"
            yield warning(("scores", name), f"nothing asks for the score {name!r}", remedy)
    highest = {f"{SCORE}{name}": _highest(score) for name, score in playbook.scores.items()}
    for place, condition in conditions_in(playbook):
        for leaf in leaves(condition):
            if isinstance(leaf, Compares | Equals) and (top := highest.get(leaf.path.text)) is not None:
                yield from _never_so(leaf, top, place)


def _of_no_level_above(playbook: Playbook, level: str, condition: Test) -> Iterator[Diagnostic]:
    names = list(playbook.levels)
    above = names[: names.index(level)]
    for leaf in leaves(condition):
        if isinstance(leaf, HasLevel) and leaf.level not in above:
            problem = f"the level asks for {leaf.level!r}, which is not above it"
            yield Diagnostic(("levels", level), problem, "write the levels from the first to the last")


def _wrong_rule(score: Score, rule: PointRule, place: Place) -> Iterator[Diagnostic]:
    for leaf in leaves(rule.if_) if rule.if_ is not None else ():
        if isinstance(leaf, HasLevel) or (isinstance(leaf, Compares | Equals) and leaf.path.text.startswith(SCORE)):
            problem = "points are given for a score or a level, which are made of points"
            yield Diagnostic((*place, "if"), problem, "ask for what the deal knows, or for what happened")
    for key in rule.for_:
        if (name := key.partition(":")[0]) not in FACTS:
            remedy = did_you_mean(name, FACTS, "write a fact, or if: with the event for points that are given once")
            yield Diagnostic((*place, "for"), f"{name!r} is an event, and only facts are counted", remedy)
    if rule.for_ and rule.give < 0 and score.half_life is not None:
        problem = "points that are taken away would come back as they fade"
        yield Diagnostic((*place, "give"), problem, "write if: with the fact, which takes them away for good")


def _highest(score: Score) -> int:
    """The most that a score can come to; of each fact with its variant, the last times count."""
    most = sum(_most(rule) for rule in score.points if rule.give > 0)
    return most if score.max is None else min(most, score.max)


def _most(rule: PointRule) -> int:
    return rule.give if rule.if_ is not None else rule.at_most or rule.give * MOST_COUNTED * max(1, len(rule.for_))


def _never_so(leaf: Compares | Equals, top: int, place: Place) -> Iterator[Diagnostic]:
    if not any(leaf.holds_for(Decimal(value)) for value in range(top + 1)):
        problem = f"this is never true: {leaf.path.text!r} is a whole number from 0 to {top}"
        yield warning(place, problem, "give more points, or ask for less")
    elif all(leaf.holds_for(Decimal(value)) for value in range(top + 1)):
        problem = f"this is always true: {leaf.path.text!r} is a whole number from 0 to {top}"
        yield warning(place, problem, "ask for more, or take it out")
