"""Conditions that are never true, or always: they decide nothing. What they claim stands in ``claims``."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, warning
from dealwright.playbook.checks.always_known import while_in
from dealwright.playbook.checks.claims import always, joined, never, no_value, spelled_out, whenever_known
from dealwright.playbook.checks.traversal import PlayAt, conditions_in, conditions_of, plays_in
from dealwright.playbook.language.conditions import HasHappened, Not, Test, leaves
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.triggers import wider_keys

_THERE = "the plays of {!r} only listen while the deal is there"
_WRITE = "write what can be so, or take it out"


def impossible_conditions(playbook: Playbook) -> Iterator[Diagnostic]:
    """Conditions that no deal ever fulfils, and plays whose condition their own trigger denies."""
    for place, condition in conditions_in(playbook):
        if (why := never(spelled_out(condition, playbook.levels))) is not None:
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
        yield from _of_the_stage(at, playbook)


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


def _of_the_stage(at: PlayAt, playbook: Playbook) -> Iterator[Diagnostic]:
    """What a play asks of the stage that the deal is in, where that is so whenever it runs, or never."""
    names = [stage.name for stage in playbook.stages] if at.stage is None else [at.stage.name]
    for place, condition in conditions_of(at):
        if always(condition) is not None or never(condition) is not None:
            continue
        found = {while_in(name, condition) for name in names}
        if found == {True}:
            why = _THERE.format(names[0]) if at.stage is not None else "it holds in every stage"
            yield warning(place, f"this is always true: {why}", "take it out, or ask for something else")
        elif found == {False}:
            why = _THERE.format(names[0]) if at.stage is not None else "this is never true: it holds in no stage"
            yield warning(place, why, "take it out, or move the play to that stage")
