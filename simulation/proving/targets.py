"""Where a life has to come for a policy to be tried: the plays that do what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dealwright.deal import Deal
from dealwright.facts import FACTS
from dealwright.playbook.checks.traversal import PlayAt, plays_in
from dealwright.playbook.language.conditions import compared_paths
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import Path
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.steps.step import Step
from dealwright.rules.clocks import clock_for
from dealwright.state import DealState
from simulation.policies.names import conditions_in, keys_in
from simulation.policies.policy import AlwaysHappens, NeverHappens, Policy, dates_in
from simulation.proving.words import leading_to, may_be_told
from simulation.timeline.pattern import Pattern
from simulation.timeline.patterns import EmailPattern, PlayPattern, StagePattern

_STEP_OF = {"stage": "enter", "closed": "close"}
"""The steps that make such a thing happen, where they are called otherwise."""

_SAID_BY = {"proposal.discount": ("discount_requested", "proposal_sent")}
"""The facts that say a value under another name than its own."""

_ANY_DAY = datetime(2026, 1, 5, tzinfo=UTC)
"""When a new deal is looked at: it knows no dates yet."""
_MANY = 6
"""Who would have to do something more often than this in one life does it as it comes."""


@dataclass(frozen=True)
class Target:
    """A play, and what it takes to start it."""

    stage: str | None
    """The stage in which it starts; None for any."""
    starts: tuple[str, ...]
    """The facts that start it; none where entering the stage does."""
    times: int
    """How often it has to start."""
    sources: tuple[str, ...]
    """The sources of deals that it is for; none for all."""


@dataclass(frozen=True)
class Focus:
    """What a life tries above all: one policy."""

    keys: tuple[str, ...]
    """The facts that the policy speaks of."""
    targets: tuple[Target, ...]
    waits_for_dates: bool
    """Whether it speaks of dates, so that a life has to go on until they come."""


def focus_on(policy: Policy, playbook: Playbook, sources: Iterable[str]) -> Focus:
    """What it takes to try a policy."""
    paths = [path for test in conditions_in(policy) for path in compared_paths(test)]
    keys = (*keys_in(policy), *(key for path in paths for key in _told_by(path)))
    anchors = {dated.anchor for dated in dates_in(policy)}
    teach = tuple(name for name, fact in FACTS.items() if not anchors.isdisjoint(fact.dates))
    keys = (*leading_to(playbook, keys), *may_be_told(teach))
    return Focus(keys, tuple(_targets(policy, playbook, sources)), waits_for_dates=bool(anchors))


def _told_by(path: Path) -> tuple[str, ...]:
    """The facts that say what a condition looks at."""
    if path.part == "fields":
        return ("fields_learned",)
    teach = [name for name, fact in FACTS.items() if path.part in fact.teaches]
    own = [name for name in teach if path.text.rpartition(".")[2] in FACTS[name].model_fields]
    return _SAID_BY.get(path.text) or tuple(own or teach)


def _targets(policy: Policy, playbook: Playbook, sources: Iterable[str]) -> Iterator[Target]:
    rule = policy.rule
    if isinstance(rule, NeverHappens | AlwaysHappens) and isinstance(rule.pattern, StagePattern):
        yield from (Target(stage, starts=(), times=1, sources=()) for stage in rule.pattern.names)
    for at in plays_in(playbook):
        match policy.rule:
            case NeverHappens(pattern, _) | AlwaysHappens(pattern, _):
                does = _is_done_by(at, pattern)
            case _:
                does = True
        if does:
            stage = at.stage.name if at.stage is not None else None
            yield Target(stage, _starts(at, playbook), _times(policy), _sources(at, playbook, sources))


def _times(policy: Policy) -> int:
    rule = policy.rule
    often = rule.when.more_than if isinstance(rule, NeverHappens) else None
    return often.times + 1 if often is not None and often.times < _MANY else 1


def _is_done_by(at: PlayAt, pattern: Pattern) -> bool:
    if pattern.play and at.play.name not in pattern.play:
        return False
    return isinstance(pattern, PlayPattern) or any(_does(step, pattern) for _, step in at.steps())


def _does(step: Step, pattern: Pattern) -> bool:
    action = _STEP_OF.get(pattern.kind, pattern.kind)
    if (
        isinstance(pattern, EmailPattern)
        and isinstance(step, EmailStep)
        and pattern.marketing not in {None, step.marketing}
    ):
        return False
    return (step.told_as or step.action) == action and (not pattern.names or step.subject in pattern.names)


def _starts(at: PlayAt, playbook: Playbook) -> tuple[str, ...]:
    if (dated := at.play.dated) is not None:
        return may_be_told(name for name, fact in FACTS.items() if dated.anchor in fact.dates)
    return leading_to(playbook, at.keys) if "entered" not in at.keys else ()


def _sources(at: PlayAt, playbook: Playbook, sources: Iterable[str]) -> tuple[str, ...]:
    """The sources with which the play's condition holds for a new deal."""
    condition = at.play.if_
    if condition is None:
        return ()
    new = ((source, DealState(deal=Deal(id="new", source=source))) for source in sources)
    return tuple(source for source, state in new if condition.test(state, None, clock_for(state, playbook, _ANY_DAY)))
