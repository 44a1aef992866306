"""The ways of a deal through a playbook's stages: where it gets in, where it gets out, where it goes round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.checks.traversal import plays_heard_in
from dealwright.playbook.language.conditions import All, Any, HasHappened, Not, Test, leaves
from dealwright.playbook.language.counts import HappenedTimes
from dealwright.playbook.language.levels import HasLevel
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.stages import Gate, Stage
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.playbook.language.steps.enter import EnterStep
from dealwright.playbook.language.subscriptions import asked_in
from dealwright.playbook.language.triggers import wider_keys


def stages_without_a_way(playbook: Playbook) -> Iterator[Diagnostic]:
    """Stages that nothing leads to, or out of; ways that lead nowhere."""
    reached = _reached(playbook)
    for number, stage in enumerate(playbook.stages):
        place = ("stages", number)
        if stage.name not in reached:
            remedy = "give it enter_when, or let the stage before it lead here"
            yield warning((*place, "name"), f"no deal ever reaches the stage {stage.name!r}", remedy)
        if stage.leave_when is not None and playbook.after(stage) is None:
            remedy = "add to: <stage>, or close the deal with a play or under ends"
            yield warning((*place, "leave_when"), "no stage comes after this one", remedy)
        elif not _can_be_left(playbook, number, stage):
            remedy = "give it leave_when, a later stage enter_when, or a play with enter or close"
            yield warning((*place, "name"), f"no deal ever leaves the stage {stage.name!r}", remedy)
        if number == 0 and stage.enter_when:
            remedy = "take it out: deals begin in the first stage"
            yield warning((*place, "enter_when"), "no stage comes before this one", remedy)
        yield from _left_too_soon(playbook, stage, (*place, "leave_when"))
        yield from _never_first(playbook, number, stage)
        yield from _shadowed(playbook, number, stage)
        yield from _counted_in_vain(playbook, number, stage)


def _left_too_soon(playbook: Playbook, stage: Stage, place: Place) -> Iterator[Diagnostic]:
    at_once = _AtOnce.NO if stage.leave_when is None else _holds_at_once(stage.leave_when)
    if at_once is _AtOnce.YES:
        remedy = "write what has to happen in the stage"
        yield warning(place, "the stage is left as soon as it is entered", remedy)
    elif at_once is _AtOnce.MAYBE and not _passed_by_level(playbook, stage):
        problem = "this may be so already when the stage is entered, which is then left at once"
        remedy = "join it with what has to happen there: {all: [a fact, this]}"
        yield warning(place, problem, remedy)


def _passed_by_level(playbook: Playbook, stage: Stage) -> bool:
    """Whether it is left for a level, onwards: a deal that is good enough already is meant to go on at once."""
    asks = stage.leave_when is not None and any(isinstance(leaf, HasLevel) for leaf in leaves(stage.leave_when))
    following = playbook.after(stage)
    return asks and following is not None and playbook.position(following) > playbook.position(stage.name)


def _never_first(playbook: Playbook, number: int, stage: Stage) -> Iterator[Diagnostic]:
    later = {key: each.name for each in playbook.stages[number + 1 :] for key in each.enter_when}
    for key in stage.enter_when if number else ():
        if key in later:
            problem = f"{key!r} brings the deal to {later[key]!r}, which is further on"
            yield warning(("stages", number, "enter_when"), problem, "keep it in one of the two")


def _shadowed(playbook: Playbook, number: int, stage: Stage) -> Iterator[Diagnostic]:
    """Facts for which a stage is never left, since they take the deal ahead before."""
    following, gate = playbook.after(stage), stage.gate
    if stage.leave_when is None or following is None:
        return
    jumps = [(later.name, key) for later, key in playbook.jumps(stage.name) if gate is None or not gate.holds(key)]
    for key in dict.fromkeys(each_enough(stage.leave_when)):
        ahead = next((later for later, jump in jumps if covers(frozenset({jump}), key)), following)
        if ahead != following:
            problem = f"{key!r} brings the deal to {ahead!r}, and not to {following!r}: enter_when wins over leave_when"
            yield warning(("stages", number, "leave_when"), problem, "take it out of one of the two")


def _counted_in_vain(playbook: Playbook, number: int, stage: Stage) -> Iterator[Diagnostic]:
    """Facts that a gate lets pass although none of them leads anywhere from this stage."""
    if stage.gate is None:
        return
    place = ("stages", number, "gate", "counted")
    for key, why in _said_in_vain(stage.gate):
        remedy = "take it out" if stage.gate.hard else "add hard: true, or take it out"
        yield warning((*place[:-1], key), f"{key!r} says nothing here: {why}", remedy)
    if "counted" not in stage.gate.model_fields_set or not stage.gate.hard or stage.gate.jumps == "counted":
        return
    jumps = frozenset(key for later in playbook.stages[number + 1 :] for key in later.enter_when)
    for key in stage.gate.counted:
        if not covers(jumps, key) and not any(key in wider_keys(jump) for jump in jumps):
            remedy = f"write one of {', '.join(sorted(jumps))}, or take it out" if jumps else "take it out"
            yield warning(place, f"{key!r} brings the deal to no later stage", remedy)


def _said_in_vain(gate: Gate) -> Iterator[tuple[str, str]]:
    """The keys of a gate that change nothing, and why."""
    if gate.hard:
        if gate.jumps == "counted" and "counted" in gate.model_fields_set:
            yield "counted", "with jumps: counted, what is missing is counted whatever takes the deal ahead"
        return
    reasons = {
        "counted": "only a hard gate holds what it does not name",
        "jumps": "only a hard gate holds a deal",
        "asks": "only while a hard gate holds the deal is somebody asked",
    }
    yield from ((key, why) for key, why in reasons.items() if key in gate.model_fields_set)


def circles(playbook: Playbook) -> Iterator[Diagnostic]:
    """Stages that lead into each other without a pause, and roles that report to each other."""
    hops = {stage.name: hop for stage in playbook.stages if (hop := _hop(playbook, stage)) is not None}
    for number, stage in enumerate(playbook.stages):
        if _comes_back(stage.name, hops):
            problem = f"the stage {stage.name!r} leads back into itself without a pause"
            yield Diagnostic(("stages", number, "name"), problem, "give one of the enter steps an after or an if")
    yield from _left_by_one_fact(playbook)
    superiors = {name: role.reports_to for name, role in playbook.roles.items() if role.reports_to}
    for name in playbook.roles:
        if _comes_back(name, superiors):
            problem = f"whoever {name!r} reports to reports back to {name!r}"
            yield Diagnostic(("roles", name, "reports_to"), problem, "take one of the reports_to out")
    yield from _handed_back(playbook)


def _left_by_one_fact(playbook: Playbook) -> Iterator[Diagnostic]:
    """Stages that follow each other in a circle and are all left by one fact: it would go round without end."""
    enough = {
        stage.name: frozenset(each_enough(stage.leave_when))
        for stage in playbook.stages
        if stage.leave_when is not None and not (stage.gate and stage.gate.hard)
    }
    for number, stage in enumerate(playbook.stages):
        for key in sorted(enough.get(stage.name, ())):
            left = [one for one in playbook.stages if covers(enough.get(one.name, frozenset()), key)]
            onward = {one.name: after for one in left if (after := playbook.after(one)) is not None}
            if _comes_back(stage.name, onward):
                problem = f"{key!r} takes a deal from the stage {stage.name!r} round in a circle, back into itself"
                yield Diagnostic(
                    ("stages", number, "leave_when"), problem, "lead one of these stages elsewhere with to:"
                )
                break


def _handed_back(playbook: Playbook) -> Iterator[Diagnostic]:
    """Handoffs that give a deal to whoever gave it away."""
    gives: dict[str, list[str]] = {}
    for rule in playbook.handoffs:
        gives.setdefault(rule.from_, []).append(rule.to)
    for number, rule in enumerate(playbook.handoffs):
        place = ("handoffs", number, "to")
        if rule.from_ == rule.to:
            yield Diagnostic(place, f"{rule.from_!r} hands over to themselves", "write another role, or take it out")
        elif rule.from_ in _given_on(rule.to, gives):
            problem = f"handoffs go in a circle: from {rule.to!r} the deal comes back to {rule.from_!r}"
            yield warning(place, problem, "take one of them out, or enter an earlier stage instead")


def _given_on(role: str, gives: Mapping[str, list[str]]) -> set[str]:
    """The roles that a deal may come to from a role, by handoffs alone."""
    reached: set[str] = set()
    waiting = [role]
    while waiting:
        for receiver in gives.get(waiting.pop(), ()):
            if receiver not in reached:
                reached.add(receiver)
                waiting.append(receiver)
    return reached


def takes_away(playbook: Playbook, stage: Stage) -> frozenset[str]:
    """The facts and events that by themselves take a deal out of a stage."""
    keys, gate = [*playbook.renews_on], stage.gate
    for later in playbook.stages[playbook.position(stage.name) + 1 :]:
        keys += [key for key in later.enter_when if gate is None or not gate.holds(key)]
    held = gate is not None and gate.hard
    if stage.leave_when is not None and playbook.after(stage) is not None and not held:
        keys += each_enough(stage.leave_when)
    return frozenset(keys)


def covers(keys: frozenset[str], key: str) -> bool:
    """Whether a fact with this key is always one of these too."""
    return not keys.isdisjoint(wider_keys(key))


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
            if isinstance(step, EnterStep):
                yield step.enter


def _can_be_left(playbook: Playbook, number: int, stage: Stage) -> bool:
    ends_here = number == len(playbook.stages) - 1 and bool(playbook.ends)
    closes = any(isinstance(step, CloseStep) for at in plays_heard_in(playbook, stage) for step in at.play.actions)
    return ends_here or closes or any(name != stage.name for name in _leads_to(playbook, stage))


class _AtOnce(IntEnum):
    """Whether a condition holds in the moment in which a stage is entered, before anything happens there."""

    NO = 0
    MAYBE = 1
    YES = 2


def _holds_at_once(condition: Test) -> _AtOnce:
    match condition:
        case HasHappened(_, "deal"):
            return _AtOnce.MAYBE
        case HasHappened(keys):
            return _AtOnce.YES if any(key.partition(":")[0] in {"entered", "left"} for key in keys) else _AtOnce.NO
        case HappenedTimes():
            return _AtOnce.NO
        case Not(part):
            return _AtOnce(_AtOnce.YES - _holds_at_once(part))
        case All(parts):
            return min((_holds_at_once(part) for part in parts), default=_AtOnce.YES)
        case Any(parts):
            return max((_holds_at_once(part) for part in parts), default=_AtOnce.NO)
        case _:
            return _AtOnce.MAYBE


def each_enough(condition: Test) -> Iterator[str]:
    """The facts of which each alone makes the condition true."""
    match condition:
        case HasHappened():
            yield from asked_in(condition)
        case Any(parts):
            for part in parts:
                yield from each_enough(part)
        case _:
            return


def _hop(playbook: Playbook, stage: Stage) -> str | None:
    """The stage that a play takes a deal to in the very moment in which it enters this one."""
    for at in plays_heard_in(playbook, stage):
        if at.play.if_ is None and {"entered", f"entered:{stage.name}"} & set(at.keys):
            for step in at.play.do or at.play.steps[:1]:
                if isinstance(step, EnterStep) and step.after is None and step.at is None and step.if_ is None:
                    return step.enter
    return None


def _comes_back(start: str, onward: dict[str, str]) -> bool:
    here, seen = onward.get(start), {start}
    while here is not None and here not in seen:
        seen.add(here)
        here = onward.get(here)
    return here == start
