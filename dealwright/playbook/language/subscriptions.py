"""Which facts a stage waits for at all: those that nothing waits for need no decision of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dealwright.contacts import CHANGE_CONTACTS
from dealwright.playbook.language.conditions import Compares, Equals, HasHappened, Test, leaves
from dealwright.playbook.language.contact_conditions import SomeContacts
from dealwright.playbook.language.counts import HappenedTimes
from dealwright.playbook.language.paths import SCORE
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.stages import Stage
from dealwright.playbook.language.steps.work import WorkStep


def heard_in(stage: Stage, whole_deal: Iterable[Play], always: Iterable[str]) -> frozenset[str]:
    """The keys of all facts and events that anything waits for in a stage.

    ``whole_deal`` are the plays of no stage; ``always`` are keys that the playbook itself waits for everywhere.
    """
    keys = list(always)
    if stage.leave_when is not None:
        keys += that_change(stage.leave_when)
    if stage.gate is not None:
        for condition in stage.gate.require.values():
            keys += that_change(condition)
    for play in (*whole_deal, *stage.plays):
        keys += _heard_by(play)
    return frozenset(keys)


def _heard_by(play: Play) -> Iterator[str]:
    yield from play.hears
    yield from play.until
    for condition in (play.if_, *(step.if_ for step in play.actions)):
        if condition is not None:
            yield from asked_in(condition)


def conditions_in(stages: Iterable[Stage], plays: Iterable[Play]) -> Iterator[Test]:
    """Every condition of some stages, with their plays, and of some plays of no stage."""
    for stage in stages:
        yield from filter(None, (stage.leave_when, *(stage.gate.require.values() if stage.gate else ())))
    for play in (*plays, *(each for stage in stages for each in stage.plays)):
        tiers = (tier.if_ for step in play.actions if isinstance(step, WorkStep) for tier in step.tiers)
        yield from filter(None, (play.if_, *(step.if_ for step in play.actions), *tiers))


def asked_in(condition: Test) -> Iterator[str]:
    """The keys of all facts and events that a condition asks for."""
    for leaf in leaves(condition):
        if isinstance(leaf, HasHappened | HappenedTimes):
            yield from leaf.keys


def that_change(condition: Test) -> Iterator[str]:
    """The keys of all facts and events that may make a condition true or false at once, asked for or not."""
    yield from asked_in(condition)
    if any(isinstance(leaf, SomeContacts) for leaf in leaves(condition)):
        yield from CHANGE_CONTACTS


def asked_of_scores(conditions: Iterable[Test]) -> dict[str, tuple[Compares | Equals, ...]]:
    """What conditions ask of each score."""
    found: dict[str, tuple[Compares | Equals, ...]] = {}
    for condition in conditions:
        for leaf in leaves(condition):
            if isinstance(leaf, Compares | Equals) and leaf.path.text.startswith(SCORE):
                name = leaf.path.text.removeprefix(SCORE)
                found[name] = (*found.get(name, ()), leaf)
    return found
