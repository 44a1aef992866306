"""Conditions that are never true, or always: they decide nothing. What they claim stands in ``claims``."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, warning
from dealwright.playbook.checks.claims import always, joined, never, no_value, whenever_known
from dealwright.playbook.checks.traversal import PlayAt, conditions_in, plays_in
from dealwright.playbook.language.conditions import Equals, HasHappened, Not, Test, leaves
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.triggers import wider_keys

_WRITE = "write what can be so, or take it out"


def impossible_conditions(playbook: Playbook) -> Iterator[Diagnostic]:
    """Conditions that no deal ever fulfils, and plays whose condition their own trigger denies."""
    for place, condition in conditions_in(playbook):
        if (why := never(condition)) is not None:
            yield warning(place, f"this is never true: {why}", _WRITE)
            continue
        if (told := _decides_nothing(condition)) is not None and place[-1] != "leave_when":
            yield warning(place, *told)
            continue
        for test in leaves(condition):
            if (why := no_value(test)) is not None:
                yield warning(place, why, _WRITE)
    for at in plays_in(playbook):
        yield from _denied_by_its_trigger(at)
        yield from _of_another_stage(at)


def _decides_nothing(condition: Test) -> tuple[str, str] | None:
    """Why a condition is always true, or whenever a value is known, and what to write; None where it says more."""
    if (why := always(condition)) is not None:
        return f"this is always true: {why}", "write what may not be so, or take it out"
    part = condition.part if isinstance(condition, Not) else condition
    if (found := whenever_known(part)) is None:
        return None
    path, why = found
    if part is condition:
        return f"this is true whenever {path!r} is known: {why}", f"write {{{path}: {{known: true}}}}, or take it out"
    return f"this is true only while {path!r} is not known: {why}", f"write {{{path}: {{known: false}}}}"


def _denied_by_its_trigger(at: PlayAt) -> Iterator[Diagnostic]:
    denied = {key for part in joined(at.play.if_) for key in _denied(part)} if at.play.if_ is not None else set()
    if at.keys and all(not denied.isdisjoint(wider_keys(key)) for key in at.keys):
        problem = "the play never starts: what starts it has just happened, and this says that it has not"
        yield warning((*at.place, "if"), problem, "take it out, or ask for something else")


def _denied(part: Test) -> tuple[str, ...]:
    return part.part.keys if isinstance(part, Not) and isinstance(part.part, HasHappened) else ()


def _of_another_stage(at: PlayAt) -> Iterator[Diagnostic]:
    if at.stage is None or at.play.if_ is None:
        return
    for part in joined(at.play.if_):
        if not isinstance(part, Equals) or part.path.text != "deal.stage":
            continue
        if (at.stage.name in part.values) is part.negated:
            problem = f"the plays of {at.stage.name!r} only listen while the deal is there"
            yield warning((*at.place, "if"), problem, "take it out, or move the play to that stage")
