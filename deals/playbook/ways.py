"""The ways of a deal through a playbook's stages: where it gets in, where it gets out, where it goes round."""

from __future__ import annotations

from collections.abc import Iterator

from deals.playbook.conditions import Any, HasHappened, Test
from deals.playbook.listening import asked_in
from deals.playbook.mistakes import Finding
from deals.playbook.model import Playbook
from deals.playbook.outline import plays_heard_in
from deals.playbook.parts import Stage


def stages_without_a_way(playbook: Playbook) -> Iterator[Finding]:
    """Stages that nothing leads to, or out of; ways that lead nowhere."""
    reached = _reached(playbook)
    for number, stage in enumerate(playbook.stages):
        place = ("stages", number)
        if stage.name not in reached:
            remedy = "give it enter_when, or let the stage before it lead here"
            yield Finding("warning", (*place, "name"), f"no deal ever reaches the stage {stage.name!r}", remedy)
        if stage.leave_when is not None and playbook.after(stage) is None:
            remedy = "add to: <stage>, or close the deal with a play or under ends"
            yield Finding("warning", (*place, "leave_when"), "no stage comes after this one", remedy)
        elif not _can_be_left(playbook, number, stage):
            remedy = "give it leave_when, a later stage enter_when, or a play with enter or close"
            yield Finding("warning", (*place, "name"), f"no deal ever leaves the stage {stage.name!r}", remedy)
        if number == 0 and stage.enter_when:
            remedy = "take it out: deals begin in the first stage"
            yield Finding("warning", (*place, "enter_when"), "no stage comes before this one", remedy)
        if stage.leave_when is not None and _is_true_at_once(stage.leave_when):
            remedy = "write what has to happen in the stage"
            yield Finding("warning", (*place, "leave_when"), "the stage is left as soon as it is entered", remedy)


def circles(playbook: Playbook) -> Iterator[Finding]:
    """Stages that lead into each other without a pause, and roles that report to each other."""
    hops = {stage.name: hop for stage in playbook.stages if (hop := _hop(playbook, stage)) is not None}
    for number, stage in enumerate(playbook.stages):
        if _comes_back(stage.name, hops):
            problem = f"the stage {stage.name!r} leads back into itself without a pause"
            yield Finding("error", ("stages", number, "name"), problem, "give one of the enter steps an after or an if")
    superiors = {name: role.reports_to for name, role in playbook.roles.items() if role.reports_to}
    for name in playbook.roles:
        if _comes_back(name, superiors):
            problem = f"whoever {name!r} reports to reports back to {name!r}"
            yield Finding("error", ("roles", name, "reports_to"), problem, "take one of the reports_to out")


def takes_away(playbook: Playbook, stage: Stage) -> frozenset[str]:
    """The facts and events that by themselves take a deal out of a stage."""
    keys, gate = [*playbook.renews_on], stage.gate
    for later in playbook.stages[playbook.position(stage.name) + 1 :]:
        keys += [key for key in later.enter_when if gate is None or not gate.holds(key)]
    held = gate is not None and gate.hard
    if stage.leave_when is not None and playbook.after(stage) is not None and not held:
        keys += _each_enough(stage.leave_when)
    return frozenset(keys)


def covers(keys: frozenset[str], key: str) -> bool:
    """Whether a fact with this key is always one of these too."""
    return key in keys or key.partition(":")[0] in keys


def _reached(playbook: Playbook) -> set[str]:
    reached = {playbook.stages[0].name}
    waiting = [playbook.stages[0]]
    while waiting:
        for name in _leads_to(playbook, waiting.pop()):
            if name not in reached and (stage := playbook.stage(name)) is not None:
                reached.add(name)
                waiting.append(stage)
    return reached


def _leads_to(playbook: Playbook, stage: Stage) -> Iterator[str]:
    if stage.leave_when is not None and (following := playbook.after(stage)) is not None:
        yield following
    for later in playbook.stages[playbook.position(stage.name) + 1 :]:
        if later.enter_when:
            yield later.name
    for at in plays_heard_in(playbook, stage):
        for step in at.play.actions:
            if step.enter is not None:
                yield step.enter


def _can_be_left(playbook: Playbook, number: int, stage: Stage) -> bool:
    ends_here = number == len(playbook.stages) - 1 and bool(playbook.ends)
    closes = any(step.close for at in plays_heard_in(playbook, stage) for step in at.play.actions)
    return ends_here or closes or any(name != stage.name for name in _leads_to(playbook, stage))


def _is_true_at_once(condition: Test) -> bool:
    return any(key in {"entered", "left"} for key in _each_enough(condition))


def _each_enough(condition: Test) -> Iterator[str]:
    """The facts of which each alone makes the condition true."""
    match condition:
        case HasHappened():
            yield from asked_in(condition)
        case Any(parts):
            for part in parts:
                yield from _each_enough(part)
        case _:
            return


def _hop(playbook: Playbook, stage: Stage) -> str | None:
    """The stage that a play takes a deal to in the very moment in which it enters this one."""
    for at in plays_heard_in(playbook, stage):
        if at.play.if_ is None and {"entered", f"entered:{stage.name}"} & set(at.keys):
            for step in at.play.do or at.play.steps[:1]:
                if step.enter is not None and step.after is None and step.at is None and step.if_ is None:
                    return step.enter
    return None


def _comes_back(start: str, onward: dict[str, str]) -> bool:
    here, seen = onward.get(start), {start}
    while here is not None and here not in seen:
        seen.add(here)
        here = onward.get(here)
    return here == start
