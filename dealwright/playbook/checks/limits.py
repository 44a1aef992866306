"""What slows a playbook down against its own intent: limits, escalations, handoffs that lack what they need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import compress, islice, product

from dealwright.calendar.durations import Span, Unit
from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.checks.traversal import PlayAt, plays_in, tasks_in
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.experiments import asks_only_for_arms, experiments_in
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.team import Rate
from dealwright.state import DealState

_AT_LEAST: dict[Unit, timedelta] = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "bd": timedelta(days=1),
    "bh": timedelta(hours=1),
    "bm": timedelta(minutes=1),
}
"""How long one of a unit is at the least, whatever the calendar."""
_ANY_DAY = datetime(2026, 1, 5, tzinfo=UTC)
_MOST_WAYS = 1000
"""Of the ways in which the arms of a play's experiments may fall together, so many are looked at."""


def limits_that_forbid(playbook: Playbook) -> Iterator[Diagnostic]:
    """Plays that by themselves send more than the limits allow one contact, or one account."""
    limits = playbook.limits
    for name, rate in (
        ("touches_per_contact", limits.touches_per_contact),
        ("touches_per_account", limits.touches_per_account),
    ):
        for at in plays_in(playbook) if rate is not None else ():
            if rate is not None and (over := _first_over(playbook, at, rate)) is not None:
                place, count = over
                problem = f"this is message {count} within {rate.per}, and {name} allows {rate.max}: it will wait"
                yield warning(place, problem, "send it later, or allow more under limits")
    contact, account = limits.touches_per_contact, limits.touches_per_account
    if contact and account and account.max <= contact.max and _shortest(account.per) >= _shortest(contact.per):
        problem = "no contact may get more than their whole account does, so that touches_per_contact says nothing"
        yield warning(
            ("limits", "touches_per_account"), problem, "allow an account more than a contact, or take one out"
        )


def escalations_to_oneself(playbook: Playbook) -> Iterator[Diagnostic]:
    """Deadlines whose passing is told to whoever missed them."""
    for at in plays_in(playbook):
        for place, step in at.tasks():
            owners = {at.stage.owner} if at.stage else {stage.owner for stage in playbook.stages}
            if step.escalate and ({step.owner} if step.owner else owners) == {step.escalate}:
                yield _to_oneself((*place, "escalate"), step.escalate)
            if step.reassign and ({step.owner} if step.owner else owners) == {step.reassign}:
                problem = f"{step.reassign} gets the task that {step.reassign} did not do in time"
                yield warning((*place, "reassign"), problem, "name another role, or take it out")
    for number, rule in enumerate(playbook.handoffs):
        if rule.escalate == rule.to:
            yield _to_oneself(("handoffs", number, "escalate"), rule.to)
    for number, approval in enumerate(playbook.approvals):
        if approval.escalate and set(approval.roles) == {approval.escalate}:
            yield _to_oneself(("approvals", number, "escalate"), approval.escalate)


def pieces_nobody_asks_for(playbook: Playbook) -> Iterator[Diagnostic]:
    """Pieces that a handoff needs and that no task asks anybody to note."""
    asked = {piece for _, step in tasks_in(playbook) for piece in (*step.asks, *step.noted_by.values())}
    for number, rule in enumerate(playbook.handoffs):
        if missing := [piece for piece in rule.needs if piece not in asked]:
            problem = f"no task asks for {', '.join(missing)}, so that {rule.from_} is only asked when handing over"
            remedy = f"add asks: [{', '.join(missing)}] to an earlier task"
            yield warning(("handoffs", number, "needs"), problem, remedy)


def _to_oneself(place: Place, role: str) -> Diagnostic:
    return warning(place, f"{role!r} is told of their own delay", "escalate to another role, or take it out")


def _first_over(playbook: Playbook, at: PlayAt, rate: Rate) -> tuple[Place, int] | None:
    """The first message of a play that is one too many in any deal."""
    overs = (_first_of(at, left_out, rate) for left_out in _left_out(playbook, at))
    return next(filter(None, overs), None)


def _left_out(playbook: Playbook, at: PlayAt) -> Iterator[frozenset[int]]:
    """The steps whose ``if`` does not hold, for each way in which arms and steps with ``else`` may fall together."""
    asked = {number: step.if_ for number, step in enumerate(at.play.actions) if step.if_ is not None}
    of_arms = {number: test for number, test in asked.items() if asks_only_for_arms(test)}
    names = sorted({name for test in of_arms.values() for name in experiments_in(test)})
    either = [number for number in asked if number not in of_arms and at.play.actions[number].otherwise]
    clock = Clock(_ANY_DAY, playbook.calendars.team)
    arms_and_cases = product(
        product(*(playbook.experiments[name].arms for name in names)), product((False, True), repeat=len(either))
    )
    for arms, cases in islice(arms_and_cases, _MOST_WAYS):
        deal = DealState(arms=dict(zip(names, arms, strict=True)))
        of_other_arms = {number for number, test in of_arms.items() if not test.test(deal, None, clock)}
        yield frozenset(of_other_arms.union(compress(either, cases)))


def _first_of(at: PlayAt, left_out: frozenset[int], rate: Rate) -> tuple[Place, int] | None:
    """The first message that is one too many within the limit's time, were each sent at its earliest."""
    sent: list[timedelta] = []
    clock, begins = timedelta(), dict[int | None, timedelta]()
    for number, (place, step) in enumerate(at.steps()):
        owner = at.play.branches[number].instead_of
        comes = left_out.issuperset(at.play.branches.before(number))
        if step.at is not None or not comes or (number in left_out and not step.otherwise):
            continue
        delay = _shortest(step.after) if step.after else timedelta()
        clock = clock + delay if at.play.steps else begins.get(owner, timedelta()) + delay
        begins[number] = clock
        if step.is_touch and number not in left_out:
            sent.append(clock)
            within = [time for time in sent if abs(clock - time) < _shortest(rate.per)]
            if len(within) > rate.max:
                return place, len(within)
    return None


def _shortest(span: Span) -> timedelta:
    return span.amount * _AT_LEAST[span.unit]
