"""What people do: outcomes that no task has, steps that look at them too soon, channels that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.checks.traversal import PlayAt, plays_in, tasks_in
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.playbook.language.subscriptions import asked_in

_DONE = "task_done"


def unknown_outcome(playbook: Playbook, task: str, outcome: str, place: Place) -> Iterator[Diagnostic]:
    """What is wrong with an outcome that a task is asked for and never has."""
    outcomes = [word for _, step in tasks_in(playbook) if step.subject == task for word in step.outcomes]
    if outcome in outcomes:
        return
    if not outcomes:
        remedy = f"add outcomes: [{outcome}] to the task, or ask for {{{_DONE}: {task}}}"
        yield Diagnostic(place, f"the task {task!r} has no outcomes", remedy)
        return
    listed = f"write one of {', '.join(dict.fromkeys(outcomes))}, or add it to the task's outcomes"
    problem = f"the task {task!r} never ends with {outcome!r}"
    yield Diagnostic(place, problem, did_you_mean(outcome, outcomes, listed))


def looked_at_too_soon(playbook: Playbook) -> Iterator[Diagnostic]:
    """Steps that look at a task of their own play that nobody can have done by then."""
    for at in plays_in(playbook):
        for number, (place, step) in enumerate(at.steps()):
            for task in _tasks_asked_for(step):
                yield from _too_soon((*place, "if"), at, number, task)


def channels_nobody_uses(playbook: Playbook) -> Iterator[Diagnostic]:
    """Rules for channels by which no step reaches anybody."""
    used = {step.channel for _, step in tasks_in(playbook)}
    for channel in playbook.channels:
        if channel not in used:
            remedy = f"add a step with {channel}, or take it out"
            yield warning(("channels", channel), f"no step reaches anybody by the channel {channel!r}", remedy)


def _tasks_asked_for(step: Step) -> list[str]:
    keys = [key.split(":") for key in asked_in(step.if_)] if step.if_ is not None else []
    return [*dict.fromkeys(parts[1] for parts in keys if parts[0] == _DONE and len(parts) > 1)]


def _too_soon(place: Place, at: PlayAt, number: int, task: str) -> Iterator[Diagnostic]:
    if task not in at.play.task_names:
        return
    before = at.play.actions[:number] if at.play.steps else at.play.actions
    asked = [each for each in before if isinstance(each, WorkStep) and each.subject == task]
    if not asked:
        problem = f"the task {task!r} of this play is asked for only after this step"
        yield warning(place, problem, "put the step after the task")
    elif at.play.steps and not any(each.wait for each in asked):
        problem = f"no step waits for the task {task!r}, so that it may be open still when this is looked at"
        yield warning(place, problem, "add wait: true to the task, or a time such as wait: 3bd")
