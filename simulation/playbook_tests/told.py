"""What a test tells a deal: facts and commands, with as much of them as matters to the test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from dealwright.commands import COMMANDS, Amend
from dealwright.decision import Received
from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic, Place, read_parts
from dealwright.diagnostics.notation import Yaml
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS, Fact
from dealwright.state import Approval, DealState, Handoff, Task
from dealwright.validation.opening import check_fact, check_known
from simulation.playbook_tests.points import Clock, Json

_MAIN_FIELD = {
    "move_to_stage": "stage", "skip_play": "play", "start_play": "play", "complete_task": "task",
    "accept_handoff": "handoff", "decline_handoff": "handoff", "decide_approval": "approval", "close": "outcome",
    "acknowledge": "point", "reopen": "stage", "pause": "until",
}  # fmt: skip
"""The field of a command that may be given alone: ``complete_task: call``."""

LEFT_OUT: Mapping[str, object] = {"by": "somebody", "why": "the test says so", "terms": {}}
"""What a test need not say of a command. Where the deal asks somebody, it is they who answer, on its terms."""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact or command, as it is written."""

    name: str
    fields: Mapping[str, object]
    place: Place
    """Where it stands in the test."""

    @property
    def is_command(self) -> bool:
        """Whether it is a command, and no fact."""
        return self.name in COMMANDS

    def received(self, state: DealState, now: datetime, clock: Clock, serial: int) -> Received:
        """It as a deal receives it now: what a command leaves out is what is asked of people."""
        fields = {**(_left_out(self.name, self.fields, state) if self.is_command else {}), **self.fields}
        return Received(
            kind="command" if self.is_command else "fact", name=self.name, id=f"test-{serial}", at=now,
            payload=json.dumps(clock.payload(fields, now)),
        )  # fmt: skip


def read_told(written: object, place: Place) -> tuple[Told, ...]:
    """Read what is told at one moment: a name, ``{name: fields}``, or a list of them.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    match written:
        case str():
            return (told_of(written, None, place),)
        case dict() if written:
            named = [(str(name), (str(name), fields)) for name, fields in written.items()]
            return tuple(read_parts(named, lambda pair: told_of(*pair, (*place, pair[0]))))
        case list() if written:
            parts = read_parts(enumerate(enumerate(written)), lambda pair: read_told(pair[1], (*place, pair[0])))
            return tuple(told for part in parts for told in part)
    raise BadValue("nothing happens here", "write a fact's name, or {fact: {field: value}}")


def wrong_content(told: Told, clock: Clock, now: datetime) -> Iterator[Diagnostic]:
    """What keeps it from being let in, at its place within what is told."""
    model = COMMANDS[told.name] if told.is_command else FACTS[told.name]
    said = {**(_stand_ins(told.name) if told.is_command else {}), **_dict(clock.payload(told.fields, now))}
    try:
        read = model.model_validate(said)
        if isinstance(read, Fact):
            check_fact(read)
        elif isinstance(read, Amend):
            check_known(read.known)
    except ValidationError as error:
        yield from diagnostics_of(error, model, Yaml())
    except BadInput as error:
        yield from error.diagnostics


def told_of(name: str, fields: object, place: Place) -> Told:
    """Read what is told, by its name, with its fields, its main field alone, or nothing.

    Raises:
        BadInput: what is wrong, and what to write instead.
    """
    if name not in FACTS and name not in COMMANDS:
        remedy = did_you_mean(
            name, [*FACTS, *COMMANDS], "write a fact or a command: docs/playbook/triggers.md has all of them"
        )
        raise BadInput([Diagnostic((), f"{name!r} is no fact and no command", remedy, of_key=True)])
    main = main_field(name)
    match fields:
        case None:
            return Told(name, {}, place)
        case dict():
            return Told(name, fields, place)
        case _ if main is not None:
            return Told(name, {main: fields}, place)
    raise BadValue(f"{fields!r} says nothing about {name!r}", f"write {name}: {{field: value}}")


def main_field(name: str) -> str | None:
    """The field that is meant by a value alone: of a fact its variant, or the only one that it must have."""
    if name in COMMANDS:
        return _MAIN_FIELD.get(name)
    needed = [field for field, info in FACTS[name].model_fields.items() if info.is_required()]
    return FACTS[name].variant_field or (needed[0] if len(needed) == 1 else None)


def _left_out(name: str, fields: Mapping[str, object], state: DealState) -> dict[str, object]:
    """What a command leaves out: who gives it and why, and the terms that an approver sees."""
    asked: Mapping[str, Task | Approval | Handoff] = {}
    match name:
        case "decide_approval":
            asked = state.approvals
        case "complete_task":
            asked = state.tasks
        case "accept_handoff" | "decline_handoff":
            asked = state.handoffs
    wanted = fields.get(_MAIN_FIELD.get(name, ""))
    found = next((one for one in asked.values() if wanted in {one.id, one.name}), None)
    return {**_stand_ins(name), **_as_answered(found)}


def _as_answered(found: Task | Approval | Handoff | None) -> dict[str, object]:
    match found:
        case Approval():
            return {"by": found.waits_for, "terms": dict(found.terms)}
        case Task():
            return {"by": found.role}
        case Handoff():
            return {"by": found.to_role}
    return {}


def _stand_ins(command: str) -> dict[str, object]:
    return {name: value for name, value in LEFT_OUT.items() if name in COMMANDS[command].model_fields}


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
