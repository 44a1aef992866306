"""A broken life as a story that people read: what came, what the deal did, and which rule did it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from dealwright.facts import FACTS
from dealwright.playbook.checks.traversal import plays_in
from dealwright.playbook.language.model import Playbook
from simulation.policies.policy import AlwaysHappens, Policy
from simulation.policies.tracker import Broken, words
from simulation.proving.moves import Action, ApprovalAnswer, Command, Fact, HandoffAnswer, InDays, InTime, TaskDone
from simulation.proving.shrinking import BrokenLife
from simulation.timeline.happening import Happening
from simulation.timeline.rules import Rule, Rules

_SHOWN = frozenset({"stage", "email", "approval", "handoff", "closed", "refused"})
"""What is told of what follows from a move; of all else, only what the breaking play did."""


@dataclass(frozen=True)
class StoryStep:
    """One step of a story."""

    at: datetime
    text: str
    then: tuple[str, ...] = ()
    """What the deal did upon it."""


@dataclass(frozen=True)
class Story:
    """How a policy is broken, step by step."""

    steps: tuple[StoryStep, ...]
    why: str
    rule: Rule | None
    """The rule that did it, or should have."""


def story_of(found: BrokenLife, policy: Policy, playbook: Playbook, rules: Rules) -> Story:
    """Tell a broken life."""
    return Story(tuple(_steps(found)), found.broken.why, _rule(found, policy, playbook, rules))


# --- the steps ------------------------------------------------------------------------------------------------


def _steps(found: BrokenLife) -> Iterator[StoryStep]:
    opening, told, broken = found.life.opening, found.living.told, found.broken
    source = f" from {opening.deal.source}" if opening.deal.source else ""
    first = told[0].after_entry if told else broken.number
    arms = "".join(f", in the arm {arm} of {name}" for name, arm in found.living.deal.state.arms.items())
    yield StoryStep(opening.at, f"A deal{source}{arms} is opened", _then(found, 0, first))
    for index, one in enumerate(told):
        until = told[index + 1].after_entry if index + 1 < len(told) else broken.number
        yield StoryStep(one.at, words_of_action(one.move.action), _then(found, one.after_entry, until))
    yield StoryStep(broken.at, _ending(broken))


def _ending(broken: Broken) -> str:
    if broken.happening is None:
        return broken.why[:1].upper() + broken.why[1:]
    one = broken.happening
    by = f" by {one.play}, step {one.step + 1}" if one.play is not None and one.step is not None else ""
    return f"{words(one)}{f' to {one.to}' if one.to else ''}{by}"


def words_of_action(action: Action) -> str:
    """A move, as people say it."""
    match action:
        case Fact(name, payload):
            return f"{name}{_variant(name, payload)}{_said(name, payload)}"
        case TaskDone(task, _, outcome):
            return f"The task {task} is done{f': {outcome}' if outcome else ''}"
        case ApprovalAnswer(approval, answer):
            return f"The approval {approval} is answered: {answer}"
        case HandoffAnswer(handoff, accepts):
            return f"The handoff {handoff} is {'accepted' if accepts else 'declined'}"
        case Command(name, payload):
            about = payload.get("role") or payload.get("until")
            return f"Somebody gives the command {name}{f' ({_value(about)})' if about is not None else ''}"


def _variant(name: str, payload: Mapping[str, object]) -> str:
    field = FACTS[name].variant_field
    if field is None:
        return ""
    variant = payload.get(field, FACTS[name].model_fields[field].get_default())
    return f": {variant}" if isinstance(variant, str) else ""


def _said(name: str, payload: Mapping[str, object]) -> str:
    said = [f"{key}: {_value(value)}" for key, value in payload.items() if key != FACTS[name].variant_field]
    return f" ({', '.join(said)})" if said else ""


def _value(value: object) -> str:
    match value:
        case InTime(by):
            return f"in {_length(by)}" if by >= timedelta() else f"{_length(-by)} ago"
        case InDays(days):
            return f"in {days} days" if days >= 0 else f"{-days} days ago"
        case Decimal():
            return f"{value.normalize():f}"
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
        case dict():
            return ", ".join(map(str, value))
    return str(value)


def _length(time: timedelta) -> str:
    return f"{time.days} days" if time.days else f"{time.seconds / 3600:.3g} hours"


def _then(found: BrokenLife, after: int, through: int) -> tuple[str, ...]:
    """What the deal did between two moves."""
    by = found.broken.happening.play if found.broken.happening is not None else None
    between = (one for one in found.watched.happenings if after < one.number <= through)
    shown = (one for one in between if one.number != found.broken.number and _is_shown(one, by))
    return tuple(words(one) for one in shown)


def _is_shown(one: Happening, by: str | None) -> bool:
    return one.kind in _SHOWN or (one.play is not None and one.play == by and one.kind not in {"stopped", "play"})


# --- the rule -------------------------------------------------------------------------------------------------


def _rule(found: BrokenLife, policy: Policy, playbook: Playbook, rules: Rules) -> Rule | None:
    """The rule that did it; where something did not happen, the one that should have."""
    one = found.broken.happening
    if one is not None:
        asked = replace(one, play=None) if one.kind == "approval" else one  # its levels say whom it asks
        return rules.of(asked) or rules.of(one)
    if isinstance(policy.rule, AlwaysHappens):
        should = _that_should(policy.rule, playbook, found.broken)
        return rules.of(should) if should is not None else None
    return rules.of(Happening(found.broken.at, 0, "stage", found.broken.stage or ""))


def _that_should(rule: AlwaysHappens, playbook: Playbook, broken: Broken) -> Happening | None:
    """What the first step would do that does what should have happened."""
    for at in plays_in(playbook):
        for index, step in enumerate(at.play.actions):
            told_as = step.told_as or step.action
            if told_as == rule.pattern.kind and (not rule.pattern.names or step.subject in rule.pattern.names):
                return Happening(broken.at, 0, "play", at.play.name, play=at.play.name, step=index)
    return None
