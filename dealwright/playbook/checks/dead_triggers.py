"""What a playbook waits for in vain: plays that never start, or that are stopped before they do anything."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, warning
from dealwright.playbook.checks.guarantees import TAUGHT_BY
from dealwright.playbook.checks.reachability import covers, takes_away
from dealwright.playbook.checks.traversal import PlayAt, asked_for, plays_in, steps_in
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.stages import Stage
from dealwright.playbook.language.steps.any_step import STEPS
from dealwright.playbook.language.steps.approval import ApprovalStep
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.playbook.language.steps.document import DocumentStep
from dealwright.playbook.language.steps.enter import EnterStep

_MADE_BY = {event: kind.action for kind in STEPS for event in kind.makes}
"""The action without which an event never comes."""


def never_fires(playbook: Playbook) -> Iterator[Diagnostic]:
    """Plays and conditions whose time never comes."""
    for at in plays_in(playbook):
        yield from _never_starts(playbook, at)
        if at.stage is not None:
            yield from _stopped_at_once(playbook, at, at.stage)
            yield from _date_never_known(playbook, at, at.stage)
        yield from _behind_the_end(at)
    yield from _events_nobody_makes(playbook)
    yield from _never_begun(playbook)


def _never_starts(playbook: Playbook, at: PlayAt) -> Iterator[Diagnostic]:
    place = (*at.place, "on")
    if not at.keys and not isinstance(at.play.on, Dated):
        yield Diagnostic(place, "nothing starts this play", "write a fact or event, such as on: entered")
    ending = frozenset(key for end in playbook.ends for key in end.when)
    for key in at.keys:
        name, _, variant = key.partition(":")
        elsewhere = at.stage is not None and variant and variant != at.stage.name
        if covers(ending, key):
            remedy = "take it out, or take the fact out of ends and let the play close the deal"
            yield warning(place, f"{_said(key)} ends the deal before a play hears it", remedy)
        elif elsewhere and name in {"entered", "stalled"}:
            yield warning(place, f"{_said(key)} never comes in this stage", "move the play to that stage")
        elif at.stage is not None and name == "left" and variant == at.stage.name:
            problem = "the plays of a stage stop when it is left, before they hear of it"
            yield warning(place, problem, "move the play to plays: at the top, which listen in every stage")


def _stopped_at_once(playbook: Playbook, at: PlayAt, stage: Stage) -> Iterator[Diagnostic]:
    away = takes_away(playbook, stage)
    for key in at.keys:
        if covers(away, key):
            problem = (
                f"{_said(key)} takes the deal out of {stage.name!r}, which stops this play before it does anything"
            )
            remedy = "move it to plays: at the top, or write on: entered in the stage that follows"
            yield warning((*at.place, "on"), problem, remedy)


def _date_never_known(playbook: Playbook, at: PlayAt, stage: Stage) -> Iterator[Diagnostic]:
    if at.play.dated is None or _goes_back(playbook):
        return
    position = playbook.position(stage.name)
    beyond = frozenset(key for later in playbook.stages[position + 1 :] for key in later.enter_when)
    away = beyond if position else takes_away(playbook, stage)
    facts = TAUGHT_BY.get(at.play.dated.anchor, ())
    if facts and all(covers(away, fact) for fact in facts):
        problem = (
            f"{at.play.dated.anchor!r} is first known by {' or '.join(facts)}, which takes the deal out of this stage"
        )
        yield warning((*at.place, "on"), problem, "move the play to the stage that follows")


def _goes_back(playbook: Playbook) -> bool:
    """Whether any way leads to an earlier stage."""
    backward = any(stage.to and playbook.position(stage.to) <= n for n, stage in enumerate(playbook.stages))
    return backward or any(isinstance(step, EnterStep) for _, step in steps_in(playbook))


def _behind_the_end(at: PlayAt) -> Iterator[Diagnostic]:
    ended: str | None = None
    until = len(at.play.actions)
    for number, (place, step) in enumerate(at.steps()) if at.play.steps else ():
        ended = ended if number < until else None  # what ended under an else goes on where that did not come
        if ended is not None:
            yield warning(place, f"this step comes after {ended}", "put it before, or take it out")
            return
        if step.if_ is None and isinstance(step, CloseStep):
            ended = "the deal's end"
        elif step.if_ is None and isinstance(step, EnterStep) and at.stage is not None:
            ended = "the stage was left"
        if ended is not None:
            owner = at.play.branches[number].instead_of
            until = at.play.branches.past(owner) if owner is not None else len(at.play.actions)


def _events_nobody_makes(playbook: Playbook) -> Iterator[Diagnostic]:
    for place, key in asked_for(playbook):
        name, _, variant = key.partition(":")
        action = _MADE_BY.get(name)
        made = _begun(playbook, action)
        if action and not (variant in made if variant else made):
            missing = f"{action} {variant}" if variant else action
            yield warning(place, f"{_said(key)} never comes", f"add a step with {missing}, or take this out")


def _never_begun(playbook: Playbook) -> Iterator[Diagnostic]:
    for under, action, names in (
        ("handoffs", "handoff", [rule.name for rule in playbook.handoffs]),
        ("approvals", "approval", [rule.name for rule in playbook.approvals]),
    ):
        begun = _begun(playbook, action)
        for number, name in enumerate(names):
            if name not in begun:
                remedy = f"add a step with {action}: {name}, or take it out"
                yield warning((under, number, "name"), f"no step begins the {action} {name!r}", remedy)


def _begun(playbook: Playbook, action: str | None) -> set[str]:
    """What steps with that action begin, by name; a step or a document that needs an approval asks for it, too."""
    steps = [step for _, step in steps_in(playbook)]
    begun = {step.subject for step in steps if step.action == action}
    if action != ApprovalStep.action:
        return begun
    sent = _begun(playbook, DocumentStep.action)
    needed = [*(step.needs for step in steps), *(it.needs for name, it in playbook.documents.items() if name in sent)]
    return begun | {name for name in needed if name}


def _said(key: str) -> str:
    name, _, variant = key.partition(":")
    return f"'{name}: {variant}'" if variant else repr(name)
