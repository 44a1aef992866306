"""What slows a playbook down against its own intent: limits, escalations, handoffs that lack what they need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from deals.durations import Span, Unit
from deals.playbook.mistakes import Finding, Place
from deals.playbook.model import Playbook
from deals.playbook.outline import PlayAt, plays_in
from deals.playbook.parts import Rate
from deals.playbook.paths import all_paths, known_path

_AT_LEAST: dict[Unit, timedelta] = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "bd": timedelta(days=1),
    "bh": timedelta(hours=1),
}
"""How long one of a unit is at the least, whatever the calendar."""


def limits_that_forbid(playbook: Playbook) -> Iterator[Finding]:
    """Plays that by themselves send more than the limits allow one contact."""
    rate = playbook.limits.touches_per_contact
    if rate is None:
        return
    for at in plays_in(playbook):
        if (over := _first_over(at, rate)) is not None:
            place, count = over
            problem = (
                f"this is message {count} within {rate.per}, and touches_per_contact allows {rate.max}: it will wait"
            )
            yield Finding("warning", place, problem, "send it later, or allow more under limits")


def escalations_to_oneself(playbook: Playbook) -> Iterator[Finding]:
    """Deadlines whose passing is told to whoever missed them."""
    for at in plays_in(playbook):
        for place, step in at.steps():
            owners = {at.stage.owner} if at.stage else {stage.owner for stage in playbook.stages}
            if step.task and step.escalate and ({step.owner} if step.owner else owners) == {step.escalate}:
                yield _to_oneself((*place, "escalate"), step.escalate)
    for number, rule in enumerate(playbook.handoffs):
        if rule.escalate == rule.to:
            yield _to_oneself(("handoffs", number, "escalate"), rule.to)
    for number, approval in enumerate(playbook.approvals):
        asked = {role for level in approval.levels for role in level.by}
        if approval.escalate and asked == {approval.escalate}:
            yield _to_oneself(("approvals", number, "escalate"), approval.escalate)


def approval_levels(playbook: Playbook) -> Iterator[Finding]:
    """Levels of an approval that no value ever reaches, and values that have no level."""
    for number, approval in enumerate(playbook.approvals):
        if approval.of.kind != "number":
            numbers = ", ".join(path for path in all_paths() if known_path(path).kind == "number")
            problem = f"{approval.of.text!r} is no number, so that it has no level"
            yield Finding("error", ("approvals", number, "of"), problem, f"write one of {numbers}")
        highest = -1.0
        for index, level in enumerate(approval.levels):
            if level.up_to <= highest:
                place: Place = ("approvals", number, "levels", index, "up_to")
                problem = f"a level before this one already goes up to {highest:g}"
                yield Finding("error", place, problem, "order the levels from the lowest up_to to the highest")
            highest = max(highest, level.up_to)


def pieces_nobody_asks_for(playbook: Playbook) -> Iterator[Finding]:
    """Pieces that a handoff needs and that no task asks anybody to note."""
    asked = {piece for at in plays_in(playbook) for step in at.play.actions for piece in step.asks}
    for number, rule in enumerate(playbook.handoffs):
        if missing := [piece for piece in rule.needs if piece not in asked]:
            problem = f"no task asks for {', '.join(missing)}, so that {rule.from_} is only asked when handing over"
            remedy = f"add asks: [{', '.join(missing)}] to an earlier task"
            yield Finding("warning", ("handoffs", number, "needs"), problem, remedy)


def _to_oneself(place: Place, role: str) -> Finding:
    return Finding("warning", place, f"{role!r} is told of their own delay", "escalate to another role, or take it out")


def _first_over(at: PlayAt, rate: Rate) -> tuple[Place, int] | None:
    """The first message of a play that is one too many within the limit's time, were each sent at its earliest."""
    sent: list[timedelta] = []
    clock = timedelta()
    for place, step in at.steps():
        if step.at is not None:
            continue
        delay = _shortest(step.after) if step.after else timedelta()
        clock = clock + delay if at.play.steps else delay
        if step.email:
            sent.append(clock)
            within = [time for time in sent if abs(clock - time) < _shortest(rate.per)]
            if len(within) > rate.max:
                return place, len(within)
    return None


def _shortest(span: Span) -> timedelta:
    return span.amount * _AT_LEAST[span.unit]
