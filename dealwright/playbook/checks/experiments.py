"""Experiments that try nothing, or whose arms do not get what is meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.checks.traversal import conditions_in, plays_in
from dealwright.playbook.language.conditions import IsKnown, leaves
from dealwright.playbook.language.experiments import asks_only_for_arms, experiments_in
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import EXPERIMENT
from dealwright.playbook.language.steps.step import Step


def experiments_in_vain(playbook: Playbook) -> Iterator[Diagnostic]:
    """Experiments that no condition asks for, that have one arm left, or whose steps miss their time."""
    asked = {name for _, condition in conditions_in(playbook) for name in experiments_in(condition)}
    for name, experiment in playbook.experiments.items():
        given = [arm for arm, weight in experiment.arms.items() if weight]
        if name not in asked:
            remedy = f"write if: {{{EXPERIMENT}{name}: {given[0]}}} where the arms differ, or take it out"
            yield warning(("experiments", name), f"no condition asks for the experiment {name!r}", remedy)
        elif len(given) == 1:
            problem = f"every new deal gets {given[0]!r}: nothing is compared any more"
            yield warning(
                ("experiments", name, "arms"), problem, "give another arm a weight, or write the winner alone"
            )
    yield from _always_known(playbook)
    yield from _without_time(playbook)


def _always_known(playbook: Playbook) -> Iterator[Diagnostic]:
    for place, condition in conditions_in(playbook):
        for test in leaves(condition):
            if isinstance(test, IsKnown) and test.path.text.startswith(EXPERIMENT) and not test.path.broken:
                yield warning(place, "every deal has an arm, so that this says nothing", "ask for one of the arms")


def _without_time(playbook: Playbook) -> Iterator[Diagnostic]:
    """Steps of one arm in a row, of which only the first has a time: the other arm gets its step at once."""
    for at in plays_in(playbook):
        if not at.play.steps:
            continue
        for (_, before), (place, step) in pairwise(at.steps()):
            if before.after is not None and _is_other_arm_of(before, step) and step.after is None and step.at is None:
                yield _at_once(place, before)


def _is_other_arm_of(before: Step, step: Step) -> bool:
    if before.if_ is None or step.if_ is None:
        return False
    only_arms = asks_only_for_arms(before.if_) and asks_only_for_arms(step.if_)
    return only_arms and not set(experiments_in(before.if_)).isdisjoint(experiments_in(step.if_))


def _at_once(place: Place, before: Step) -> Diagnostic:
    problem = "deals of this arm get this at once: the step of the other arm, left out, takes no time"
    return warning(place, problem, f"write after: {before.after} here too")
