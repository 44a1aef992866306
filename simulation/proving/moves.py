"""The moves of a life, as they are kept: told again after others were left out, they still mean the same.

Dates are kept by how far they lie from the moment of the move; tasks, approvals and handoffs by their names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from dealwright.decision import Received
from dealwright.state import DealState

Payload: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class InTime:
    """A moment, so long from the move."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class InDays:
    """A day, so many days from the move's."""

    days: int


@dataclass(frozen=True)
class Fact:
    """The deal is told a fact."""

    name: str
    payload: Payload = field(default_factory=dict)

    def received(self, state: DealState, now: datetime, serial: int) -> Received | None:
        """The fact as it is received now."""
        payload = {"id": f"f{serial}", "at": now, **{key: _absolute(value, now) for key, value in self.payload.items()}}
        return Received(kind="fact", name=self.name, id=f"f{serial}", at=now, payload=_json(payload))


@dataclass(frozen=True)
class TaskDone:
    """Somebody does the open task of a name that was asked for first."""

    task: str
    notes: tuple[str, ...] = ()
    outcome: str | None = None
    """One of the task's; where it has others by then, the first of them."""

    def received(self, state: DealState, now: datetime, serial: int) -> Received | None:
        """The command, if there is such a task."""
        task = next((one for one in state.tasks.values() if one.name == self.task), None)
        if task is None:
            return None
        notes = {piece: f"what the {piece} is" for piece in self.notes}
        outcome = self.outcome if self.outcome in task.outcomes else next(iter(task.outcomes), None)
        said = {"by": task.role, "task": task.id, "notes": notes, **({"outcome": outcome} if outcome else {})}
        return _command("complete_task", said, now, serial)


@dataclass(frozen=True)
class ApprovalAnswer:
    """Whoever is asked answers an approval, of the terms that it has."""

    approval: str
    answer: str

    def received(self, state: DealState, now: datetime, serial: int) -> Received | None:
        """The command, if the approval is open."""
        one = next((each for each in state.approvals.values() if each.name == self.approval), None)
        if one is None:
            return None
        answer = {"by": one.waits_for, "approval": one.id, "answer": self.answer, "terms": one.terms}
        return _command("decide_approval", answer, now, serial)


@dataclass(frozen=True)
class HandoffAnswer:
    """The receiver answers a handoff."""

    handoff: str
    accepts: bool

    def received(self, state: DealState, now: datetime, serial: int) -> Received | None:
        """The command, if the handoff is open."""
        one = next((each for each in state.handoffs.values() if each.name == self.handoff), None)
        if one is None:
            return None
        if self.accepts:
            return _command("accept_handoff", {"by": one.to_role, "handoff": one.id}, now, serial)
        declined = {"by": one.to_role, "handoff": one.id, "why": "not ready"}
        return _command("decline_handoff", declined, now, serial)


@dataclass(frozen=True)
class Command:
    """Somebody gives another command: pauses the deal, or hands a role on."""

    name: str
    payload: Payload = field(default_factory=dict)

    def received(self, state: DealState, now: datetime, serial: int) -> Received | None:
        """The command as it is received now."""
        payload = {"by": "boss", **{key: _absolute(value, now) for key, value in self.payload.items()}}
        return _command(self.name, payload, now, serial)


Action: TypeAlias = Fact | TaskDone | ApprovalAnswer | HandoffAnswer | Command


@dataclass(frozen=True)
class Move:
    """Something that happens to a deal, so long after what happened before."""

    after: timedelta
    action: Action


def relative(payload: Payload, now: datetime) -> dict[str, object]:
    """A payload with its dates as they lie from now."""
    return {key: _relative(value, now) for key, value in payload.items()}


def _relative(value: object, now: datetime) -> object:
    if isinstance(value, datetime):
        return InTime(value - now)
    return InDays((value - now.date()).days) if isinstance(value, date) else value


def _absolute(value: object, now: datetime) -> object:
    match value:
        case InTime(by):
            return now + by
        case InDays(days):
            return now.date() + timedelta(days=days)
    return value


def _command(name: str, payload: Payload, now: datetime, serial: int) -> Received:
    return Received(kind="command", name=name, id=f"u{serial}", at=now, payload=_json(payload))


def _json(payload: Payload) -> str:
    return json.dumps(payload, default=lambda value: value.isoformat() if isinstance(value, date) else str(value))
