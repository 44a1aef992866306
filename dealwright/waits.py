"""What a deal waits for, told once: the timer takes the earliest, the agenda and the page list them.

Made from the state, since the workflow has no playbook at hand; what only a playbook's calendar can tell is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Literal, NamedTuple, TypeAlias

from dealwright.entries import PlannedStep
from dealwright.facts.things import moves_on_at
from dealwright.identity import about_whom, of_run
from dealwright.state import ActivePause, Approval, DealState, Enrolment, Handoff, HeldEnd, Pending, Run, Task
from dealwright.subscription import over_from

Kind: TypeAlias = Literal[
    "approval",
    "attempt",
    "billing",
    "condition",
    "gate",
    "handoff",
    "list",
    "meeting",
    "expiry",
    "next_step",
    "pause",
    "play",
    "score",
    "stall",
    "step",
    "task",
]
_Step: TypeAlias = tuple[Run, PlannedStep, Task | None]
"""With the task that must be done before."""
_About: TypeAlias = _Step | Task | Approval | Handoff | Enrolment | Pending | ActivePause | str
_Moment: TypeAlias = tuple[datetime, Kind, _About]
"""A wait without its words: each decision asks for the earliest, and the words of all would cost more than that."""

by_time = attrgetter("at")
"""What puts waits in order."""
_time_of = itemgetter(0)


class Wait(NamedTuple):
    """Something that happens by itself at a time, or that somebody should have done by then."""

    at: datetime
    kind: Kind
    what: str
    """What happens or is due, in plain words."""
    why: str
    who: str = ""
    """The role that is asked; empty where it happens by itself."""
    id: str = ""
    """Of the task, approval or handoff."""
    name: str = ""
    """What people call that one."""
    missed: int = 0
    """How many of its deadlines went by."""


def waits_of(state: DealState) -> Iterator[Wait]:
    """All that a deal's state says it waits for, in no order; nothing once the deal is finished."""
    return iter(()) if state.finished else (_wait(*moment) for moment in _moments(state))


def next_wait(
    state: DealState,
    *,
    now: datetime | None = None,
    next_step_until: datetime | None = None,
    turns_at: datetime | None = None,
) -> Wait | None:
    """What comes next; while the deal is paused that is the end of the pause. None once it is finished.

    With ``now`` also when another meeting or demo begins to count, when a term ends of which the billing tool told
    before that it is billed no more, and in a pause when a score fades past a line:
    scores and levels do not stand still. ``next_step_until`` is the end of the day on which both sides agreed to go
    on or to meet, ``turns_at`` when a date makes true or false what is asked of it, also in a pause.
    """
    if state.finished:
        return None
    if state.pause is not None:
        moments = _in_a_pause(state, state.pause, now, turns_at)
    else:
        moments = _moments(state, now, next_step_until, turns_at)
    first = min(moments, key=_time_of, default=None)
    return _wait(*first) if first else None


def deadlines_of(state: DealState, by: datetime | None = None) -> Iterator[Wait]:
    """By when people should have done what they are asked for; those up to a time, if one is given."""
    return (_wait(*moment) for moment in _deadlines(state) if by is None or moment[0] <= by)


def _moments(
    state: DealState,
    now: datetime | None = None,
    next_step_until: datetime | None = None,
    turns_at: datetime | None = None,
) -> Iterator[_Moment]:
    for run in state.runs.values():
        gate = state.tasks.get(run.gate) if run.gate else None
        for step in run.planned.values():
            yield step.due_at, "step", (run, step, gate)
    for play, begins_at in state.expected.items():
        yield begins_at, "play", play
    for pending in state.pending.values():
        if pending.again_at is not None:
            yield pending.again_at, "attempt", pending
    yield from _of_scores(state)
    yield from _deadlines(state)
    yield from _of_tasks(state)
    for name, agreed in state.agreed.items():
        yield from ((limited.until, "expiry", name) for limited in agreed.limited)
    if state.pause is not None:
        yield _end_of(state.pause)
    elif state.stalls_at is not None:
        yield state.stalls_at, "stall", state.stage or ""
    if now is not None:
        yield from _meetings(state, now)
        yield from _of_billing(state, now)
    yield from _of_the_stage(state, next_step_until, turns_at)


def _in_a_pause(
    state: DealState, pause: ActivePause, now: datetime | None, turns_at: datetime | None
) -> Iterator[_Moment]:
    yield _end_of(pause)
    if now is not None:
        yield from _of_scores(state)
        yield from _of_the_stage(state, None, turns_at)


def _of_the_stage(state: DealState, next_step_until: datetime | None, turns_at: datetime | None) -> Iterator[_Moment]:
    if next_step_until is not None:
        yield next_step_until, "next_step", ""
    if turns_at is not None:
        yield turns_at, "condition", state.stage or ""


def _of_scores(state: DealState) -> Iterator[_Moment]:
    for name, standing in state.scores.items():
        if standing.falls_at is not None:
            yield standing.falls_at, "score", name


def _of_tasks(state: DealState) -> Iterator[_Moment]:
    for task in state.tasks.values():
        if task.on_list_at is not None:
            yield task.on_list_at, "list", task
        if task.gates_until is not None:
            yield task.gates_until, "gate", task
    for enrolment in state.enrolments.values():
        if enrolment.gates_until is not None:
            yield enrolment.gates_until, "gate", enrolment


def _meetings(state: DealState, now: datetime) -> Iterator[_Moment]:
    for thing, table in (("meeting", state.meetings), ("demo", state.demos)):
        if (at := moves_on_at(table, state.focus.get(thing), now)) is not None:
            yield at, "meeting", thing


def _of_billing(state: DealState, now: datetime) -> Iterator[_Moment]:
    for key, billed in (state.billing.terms if state.billing is not None else {}).items():
        signed = state.terms.get(key)
        if not billed.ended_there or signed is None or signed.status != "signed" or signed.ends_on is None:
            continue
        if (at := over_from(signed.ends_on)) > now:
            yield at, "billing", key or "1"


def _deadlines(state: DealState) -> Iterator[_Moment]:
    for task in state.tasks.values():
        yield task.due_at, "task", task
    for approval in state.approvals.values():
        yield approval.answer_by, "approval", approval
    for handoff in state.handoffs.values():
        if handoff.accept_by is not None:
            yield handoff.accept_by, "handoff", handoff


def _end_of(pause: ActivePause) -> _Moment:
    return pause.until or pause.review_at, "pause", pause


def _wait(at: datetime, kind: Kind, about: _About) -> Wait:
    match about:
        case Task():
            return _of_task(at, kind, about)
        case Approval():
            return _asked(at, kind, about, f"Answer is due: {about.name}", about.name, about.waits_for)
        case Handoff():
            return _asked(at, kind, about, f"Acceptance is due: {about.name}", about.name, about.to_role)
        case Enrolment():
            return Wait(at, kind, f"Goes on beside {about.cadence}", "the play waits no longer for its end")
        case Pending():
            return Wait(at, kind, f"Try again: {about.label}", "it could not be handed over yet")
        case ActivePause(ending=HeldEnd() as ending):
            return Wait(at, kind, f"The deal is {ending.outcome}", "unless somebody says why before, or resumes it")
        case ActivePause(until=None):
            return Wait(at, kind, "The pause is looked at", "it was asked for without an end")
        case ActivePause():
            return Wait(at, kind, "The pause ends", "as it was asked for")
        case (run, step, gate):
            once = f", once this is done: {gate.title}" if gate else ""
            return Wait(at, kind, step.label, f"play {of_run(run.play, run.contact)}, step {step.index + 1}{once}")
        case _:
            what, why = _BY_ITSELF[kind]
            return Wait(at, kind, what.format(about), why)


def _of_task(at: datetime, kind: Kind, task: Task) -> Wait:
    told = about_whom(task.title, task.contact)
    if kind == "list":
        return Wait(at, kind, f"{task.role} is asked: {told}", "nothing else came up before")
    if kind == "gate":
        return Wait(at, kind, f"Goes on without this: {told}", "the play waits no longer for it")
    return _asked(at, kind, task, f"Task is due: {told}", told, task.role)


def _asked(at: datetime, kind: Kind, of: Task | Approval | Handoff, what: str, name: str, who: str) -> Wait:
    missed = f", {of.missed} deadline{'s' if of.missed > 1 else ''} missed" if of.missed else ""
    return Wait(at, kind, what, f"asked of {who}{missed}", who, of.id, name, of.missed)


_BY_ITSELF: dict[Kind, tuple[str, str]] = {
    "play": ("Play {} begins", "a date of the deal"),
    "billing": ("Contract term {} is over", "the billing tool ended its subscription before"),
    "score": ("Score {} is worked out again", "its points fade"),
    "stall": ("Stage {} counts as stalled", "if nothing moves the deal before"),
    "condition": ("Stage {} is looked at again", "a date that it waits for"),
    "meeting": ("Another {} counts", "the one before is over by then"),
    "expiry": ("What was granted for {} expires", "it was granted for a time"),
    "next_step": ("The day of the agreed next step is over", "it was agreed to go on, or to meet, by then"),
}
