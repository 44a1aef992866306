"""Steps in an order that cannot be kept: due before they begin, waiting for nothing, said twice, closing too soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dealwright.diagnostics.diagnostic import Diagnostic, warning
from dealwright.playbook.checks.traversal import PlayAt, plays_in
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.work import WorkStep

_OF_ONE_LENGTH = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
"""Units of one length, whatever the calendar."""


def steps_out_of_order(playbook: Playbook) -> Iterator[Diagnostic]:
    """Times of steps that contradict each other, and keys that have no effect where they stand."""
    for at in plays_in(playbook):
        yield from _too_early(at)
        yield from _waits_for_nothing(at)
        yield from _says_again(at)
        yield from _required_nowhere(at)
        yield from _closes_unreached(playbook, at)


def _too_early(at: PlayAt) -> Iterator[Diagnostic]:
    for place, step in at.steps():
        if step.at is not None and _is_before(step.at, at.play.dated):
            problem = "this time is already past when the play starts"
            yield warning((*place, "at"), problem, "start the play earlier, or let the step come later")
    for place, task in at.tasks():
        if isinstance(task.due, Dated) and _is_before(task.due, task.at or at.play.dated):
            problem = "this is due before it begins"
            yield warning((*place, "due"), problem, "let it begin earlier, or be due later")


def _is_before(one: Dated, other: Dated | None) -> bool:
    """Whether one time, reckoned from the same date, is surely before another one."""
    if other is None or one.anchor != other.anchor or bool(one.before) != bool(other.before):
        return False
    if one.by.unit == other.by.unit:
        first, then = timedelta(one.by.amount), timedelta(other.by.amount)
    elif one.by.unit in _OF_ONE_LENGTH and other.by.unit in _OF_ONE_LENGTH:
        first, then = one.by.amount * _OF_ONE_LENGTH[one.by.unit], other.by.amount * _OF_ONE_LENGTH[other.by.unit]
    else:
        return False
    return first > then if one.before else first < then


def _waits_for_nothing(at: PlayAt) -> Iterator[Diagnostic]:
    for number, (place, step) in enumerate(at.steps()):
        if not isinstance(step, WorkStep) or not step.wait:
            continue
        if at.play.do:
            problem = "'wait' says nothing under 'do': what stands there comes side by side"
            yield Diagnostic((*place, "wait"), problem, "write the actions under steps, or take wait out")
        elif at.play.branches.past(number) == len(at.play.actions):
            remedy = "add the step that waits, or take it out"
            yield warning((*place, "wait"), "no step comes after this one", remedy)


def _says_again(at: PlayAt) -> Iterator[Diagnostic]:
    """The same text to the same reader by two steps that both come anyway."""
    said: dict[tuple[str, str | None], int] = {}
    for number, each in enumerate(at.play.branches):
        step = each.step
        if not isinstance(step, MessageStep) or step.if_ is not None or each.instead_of is not None:
            continue
        if (first := said.setdefault((step.template, step.to), number)) != number:
            place = (*at.place, "steps" if at.play.steps else "do", *each.within, step.action)
            problem = f"step {first + 1} of this play says the same to the same reader"
            yield warning(place, problem, "write another template, or take one of them out")


def _required_nowhere(at: PlayAt) -> Iterator[Diagnostic]:
    for place, step in at.steps() if at.stage is None else ():
        if step.is_required:
            problem = "'required' counts when a stage is left, and this play belongs to none"
            yield warning((*place, "required"), problem, "move the play to its stage, or take required out")


def _closes_unreached(playbook: Playbook, at: PlayAt) -> Iterator[Diagnostic]:
    for place, step in at.steps():
        if not isinstance(step, CloseStep) or step.close != "unresponsive" or _reaches_out(at.play.actions):
            continue
        position = playbook.position(at.stage.name) if at.stage else len(playbook.stages)
        plays = [*playbook.plays, *(play for stage in playbook.stages[: position + 1] for play in stage.plays)]
        if not any(_reaches_out(play.actions) for play in plays):
            problem = "this closes a deal for silence although nobody was written to or called"
            yield warning((*place, "close"), problem, "put a message or a task before it")


def _reaches_out(steps: tuple[Step, ...]) -> bool:
    return any(step.reaches_out for step in steps)
