"""What the check knows of every deal: which values it has, and in which stage it is where a play listens."""

from __future__ import annotations

from dealwright.playbook.language.conditions import All, Any, Equals, Not, Test
from dealwright.playbook.language.paths import COMMITTEE, EXPERIMENT, SCORE

_STAGE = "deal.stage"
_EVERY_DEAL_HAS = frozenset({"deal.id", _STAGE, "deal.term", "deal.touches_sent"})


def every_deal_has(path: str) -> bool:
    """Whether a value is always known: where nothing was told, it is the first or none."""
    return path in _EVERY_DEAL_HAS or path.startswith((SCORE, COMMITTEE))


def decided_by_words(path: str) -> bool:
    """Whether a condition that holds for each known value holds for every deal: all have an arm of each experiment."""
    return every_deal_has(path) or path.startswith(EXPERIMENT)


def while_in(stage: str, condition: Test) -> bool | None:
    """What a condition is while a deal is in a stage; None where that depends on more than the stage."""
    match condition:
        case Equals(path, values, negated) if path.text == _STAGE:
            return (stage in values) is not negated
        case Not(part):
            inner = while_in(stage, part)
            return None if inner is None else not inner
        case All(parts):
            return _joined([while_in(stage, part) for part in parts], decides=False)
        case Any(parts):
            return _joined([while_in(stage, part) for part in parts], decides=True)
        case _:
            return None


def _joined(parts: list[bool | None], *, decides: bool) -> bool | None:
    if decides in parts:
        return decides
    return None if None in parts else not decides
