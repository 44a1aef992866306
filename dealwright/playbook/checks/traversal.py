"""Ways through a playbook, each part with its place: what checks walk along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dealwright.diagnostics.diagnostic import Place
from dealwright.playbook.language.conditions import Not, Test
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.scores import PointRule
from dealwright.playbook.language.stages import Stage
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.playbook.language.subscriptions import asked_in


@dataclass(frozen=True, slots=True)
class PlayAt:
    """A play, where it stands, and the stage it belongs to (None: the whole deal)."""

    place: Place
    stage: Stage | None
    play: Play

    @property
    def keys(self) -> tuple[str, ...]:
        """The facts and events that start it."""
        return self.play.hears

    def steps(self) -> Iterator[tuple[Place, Step]]:
        """Its steps, with their places."""
        under = "steps" if self.play.steps else "do"
        for step, within, _ in self.play.branches:
            yield (*self.place, under, *within), step

    def tasks(self) -> Iterator[tuple[Place, WorkStep]]:
        """Its steps that ask a person to do something, with their places."""
        for place, step in self.steps():
            if isinstance(step, WorkStep):
                yield place, step


def plays_in(playbook: Playbook) -> Iterator[PlayAt]:
    """Every play, in the file's order."""
    for index, play in enumerate(playbook.plays):
        yield PlayAt(("plays", index), None, play)
    for number, stage in enumerate(playbook.stages):
        for index, play in enumerate(stage.plays):
            yield PlayAt(("stages", number, "plays", index), stage, play)


def plays_heard_in(playbook: Playbook, stage: Stage) -> list[PlayAt]:
    """The plays that listen in a stage: its own and those of the whole deal."""
    return [at for at in plays_in(playbook) if at.stage is None or at.stage is stage]


def steps_in(playbook: Playbook) -> Iterator[tuple[Place, Step]]:
    """Every step of every play."""
    for at in plays_in(playbook):
        yield from at.steps()


def tasks_in(playbook: Playbook) -> Iterator[tuple[Place, WorkStep]]:
    """Every step that asks a person to do something."""
    for at in plays_in(playbook):
        yield from at.tasks()


def conditions_in(playbook: Playbook) -> Iterator[tuple[Place, Test]]:
    """Every condition."""
    yield from _conditions_of_levels(playbook)
    cooling = playbook.limits.cooling
    if cooling is not None and cooling.unless is not None:
        yield ("limits", "cool_off", "unless"), cooling.unless
    for number, stage in enumerate(playbook.stages):
        if stage.leave_when is not None:
            yield ("stages", number, "leave_when"), stage.leave_when
        for words, condition in stage.gate.require.items() if stage.gate else ():
            yield ("stages", number, "gate", "require", words), condition
    for number, approval in enumerate(playbook.approvals):
        for index, rule in enumerate(approval.rules):
            if rule.if_ is not None:
                yield ("approvals", number, "rules", index, "if"), rule.if_
    yield from _territories(playbook)
    for at in plays_in(playbook):
        yield from conditions_of(at)


def _territories(playbook: Playbook) -> Iterator[tuple[Place, Test]]:
    for name, pool in playbook.pools.items():
        for number, member in enumerate(pool.members):
            if member.territory is not None:
                yield ("pools", name, "members", number, "territory"), member.territory


def _points_in(playbook: Playbook) -> Iterator[tuple[Place, PointRule]]:
    for name, score in playbook.scores.items():
        for number, rule in enumerate(score.points):
            yield ("scores", name, "points", number), rule


def _conditions_of_levels(playbook: Playbook) -> Iterator[tuple[Place, Test]]:
    for level, condition in playbook.levels.items():
        yield ("levels", level), condition
    for place, rule in _points_in(playbook):
        if rule.if_ is not None:
            yield (*place, "if"), rule.if_


def conditions_of(at: PlayAt) -> Iterator[tuple[Place, Test]]:
    """Every condition of a play and its steps."""
    yield from _asked_of(at.place, at.play)
    for place, step in at.steps():
        yield from _asked_of(place, step)
    for place, task in at.tasks():
        for tier, case in enumerate(task.tiers):
            if case.if_ is not None:
                yield (*place, "due", tier, "if"), case.if_


def _asked_of(place: Place, asked: Play | Step) -> Iterator[tuple[Place, Test]]:
    """What a play or a step asks, as it is written: an exception alone is one, together they are one condition."""
    if asked.unless is not None and asked.if_ == Not(asked.unless):
        yield (*place, "unless"), asked.unless
    elif asked.if_ is not None:
        yield (*place, "if"), asked.if_


def triggers_in(playbook: Playbook) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Everything that names facts and events to wait for."""
    yield ("renews_on",), playbook.renews_on
    for place, rule in _points_in(playbook):
        yield (*place, "for"), rule.for_
    for index, end in enumerate(playbook.ends):
        yield ("ends", index, "when"), end.when
    for number, stage in enumerate(playbook.stages):
        yield ("stages", number, "enter_when"), stage.enter_when
    for at in plays_in(playbook):
        yield (*at.place, "on"), at.keys
        yield (*at.place, "until"), at.play.until


def asked_for(playbook: Playbook) -> Iterator[tuple[Place, str]]:
    """Every fact or event that anything asks for, by its key."""
    for place, keys in triggers_in(playbook):
        for key in keys:
            yield place, key
    for place, condition in conditions_in(playbook):
        for key in asked_in(condition):
            yield place, key
