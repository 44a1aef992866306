"""What a test of a playbook may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from dealwright.commands import COMMANDS
from dealwright.deal import Known
from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic, Place, read_parts
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS
from dealwright.values.recorded import Given, Name
from simulation.playbook_tests.expectations import Expectation, read_expectations
from simulation.playbook_tests.points import Point, read_point
from simulation.playbook_tests.told import Told, read_told, told_of

DEAL_FIELDS = tuple(name for name in Known.model_fields if name != "cleared")
"""What may be known of a deal when it is opened."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a test's deal begins."""

    at: Point | None = None
    """When it is opened."""
    deal: Mapping[str, object] = field(default_factory=dict)
    """What is known of it then."""
    facts: tuple[Told, ...] = ()
    """What it was told since, at once."""
    stage: str | None = None
    """The stage that it is in then."""
    arms: Mapping[str, str] = field(default_factory=dict)
    """Its arm of each experiment that the test names."""


@dataclass(frozen=True, slots=True)
class ToldAt:
    """What a deal is told at one point in time."""

    at: Point
    told: tuple[Told, ...]
    place: Place
    """Where it stands in the test."""


def read_beginning(written: object) -> Beginning:
    """Read how a deal begins.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    if isinstance(written, Beginning):
        return written
    if not isinstance(written, dict):
        raise BadValue(f"{written!r} does not say how a deal begins", "write given: {source: inbound, in: outreach}")
    parts = read_parts(((name, (name, value)) for name, value in written.items()), _read_part)
    found = dict(parts)
    facts = tuple(told for told in found.values() if isinstance(told, Told))
    at, stage, arms = found.get("at"), found.get("in"), found.get("arms")
    return Beginning(
        at if isinstance(at, Point) else None,
        {name: value for name, value in found.items() if name in DEAL_FIELDS},
        facts,
        stage if isinstance(stage, str) else None,
        {str(name): str(arm) for name, arm in arms.items()} if isinstance(arms, dict) else {},
    )


def _read_part(pair: tuple[str, object]) -> tuple[str, object]:
    name, value = pair
    match name:
        case "at":
            return name, read_point(value)
        case "in":
            if not isinstance(value, str):
                raise BadValue(f"{value!r} is no stage", "write in: and a stage's name")
            return name, value
        case "arms":
            if not isinstance(value, dict) or not all(isinstance(arm, str) for arm in value.values()):
                raise BadValue(f"{value!r} does not say arms", "write arms: and for each experiment an arm of it")
            return name, value
        case _ if name in DEAL_FIELDS:
            return name, value
        case _ if name in FACTS:
            return name, told_of(name, value, ("given", name))
    if name in COMMANDS:
        problem, remedy = f"{name!r} is a command, which somebody gives at some time", "write it under when"
    else:
        known = ("at", "in", "arms", *DEAL_FIELDS, *FACTS)
        problem = f"{name!r} is nothing that a deal has, and no fact"
        remedy = did_you_mean(name, known, "write what is known of the deal, or facts that it was told")
    raise BadInput([Diagnostic((), problem, remedy, code="unknown_field", of_key=True)])


def read_when(written: object) -> tuple[ToldAt, ...]:
    """Read what happens when: a list of ``{point in time: what}``, or one mapping of several.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    match written:
        case tuple():
            return written
        case dict() if written:
            return tuple(read_parts(_pairs(written, ("when",)), _read_told_at))
        case list():
            parts = read_parts(enumerate(enumerate(written)), lambda pair: _read_moment(*pair))
            return tuple(told_at for part in parts for told_at in part)
    raise BadValue("this does not say what happens when", "write when: [{+2bd: demo_held}]")


def _read_moment(index: int, written: object) -> list[ToldAt]:
    if not isinstance(written, dict) or not written:
        raise BadValue(f"{written!r} has no time", "write {+2bd: demo_held}, or {2026-03-02: demo_held}")
    return read_parts(_pairs(written, ("when", index)), _read_told_at)


def _pairs(written: Mapping[str, object], place: Place) -> list[tuple[str, tuple[str, object, Place]]]:
    return [(point, (point, what, (*place, point))) for point, what in written.items()]


def _read_told_at(part: tuple[str, object, Place]) -> ToldAt:
    point, what, place = part
    try:
        at = read_point(point)
    except BadInput as error:
        if point in FACTS or point in COMMANDS:
            raise BadValue(f"{point!r} has no time", f"write {{+2bd: {point}}}, or {{2026-03-02: {point}}}") from None
        raise BadInput(Diagnostic((), one.problem, one.remedy, of_key=True) for one in error.diagnostics) from None
    return ToldAt(at, read_told(what, place), place)


class Occasion(Given):
    """A deal and what happens to it: a test without a promise, for whoever wants to see its timeline."""

    name: Name = "a deal"
    """What it is about, in words."""
    given: Annotated[Beginning, PlainValidator(read_beginning), WithJsonSchema({"$comment": "Beginning"})] = Beginning()
    """How the deal begins: when, what is known of it, what it was told, and the stage that it is in."""
    when: Annotated[tuple[ToldAt, ...], PlainValidator(read_when), WithJsonSchema({"$comment": "When"})] = ()
    """What happens, each at its time."""
    until: Annotated[Point | None, PlainValidator(read_point), WithJsonSchema({"$comment": "Point"})] = None
    """Until when the deal is followed; by default a year after the last time that is named."""

    @property
    def expected(self) -> tuple[Expectation, ...]:
        """What must follow, and what must not."""
        return ()


class PlaybookTest(Occasion):
    """One promise of a playbook, shown on one deal."""

    name: Name
    """What is promised, in words."""
    then: Annotated[
        tuple[Expectation, ...], PlainValidator(read_expectations), WithJsonSchema({"$comment": "Expectations"})
    ]
    """What must follow, and what must not."""

    @property
    def expected(self) -> tuple[Expectation, ...]:
        """What must follow, and what must not."""
        return self.then
