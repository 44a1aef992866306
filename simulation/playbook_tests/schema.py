"""The JSON Schema of ``tests.yaml``, so that editors complete and check tests while they are written."""

from __future__ import annotations

import json

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dealwright.commands import COMMANDS
from dealwright.deal import Known
from dealwright.facts import FACTS
from dealwright.playbook.schema.tidying import (
    Json,
    Schema,
    describe,
    mapping,
    models_of,
    tidy_list_of,
)
from simulation.playbook_tests.language import DEAL_FIELDS, PlaybookTest
from simulation.playbook_tests.points import POINT_PATTERN
from simulation.playbook_tests.told import LEFT_OUT, main_field
from simulation.timeline.schema import names_alone, pattern_keys

_POINT: Schema = {"$ref": "#/$defs/Point"}
_EXPECTATIONS: Schema = {"$ref": "#/$defs/Expectations"}
_TOLD: Schema = {"$ref": "#/$defs/Told"}
_SCALARS: list[Json] = ["string", "number", "boolean"]


def schema_of_tests() -> Schema:
    """The schema of a file of tests."""
    models: list[type[BaseModel]] = [PlaybookTest, Known, *FACTS.values(), *COMMANDS.values()]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    definitions = mapping(made["$defs"])
    parts = {name: part for model in models for name, part in models_of(model).items()}
    for name, part in parts.items():
        describe(mapping(definitions[name]), part)
    for command in COMMANDS.values():
        _may_be_left_out(mapping(definitions[command.__name__]))
    definitions |= {
        "Point": _point(),
        "Beginning": _beginning(mapping(mapping(definitions.pop("Known"))["properties"])),
        "When": _when(),
        "Told": _told(),
        "Expectation": _expectation(),
        "Expectations": _several("Expectation", "What must follow, and what must not."),
    }
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tests of a Dealwright playbook",
        "type": "array", "minItems": 1, "items": {"$ref": "#/$defs/PlaybookTest"}, "$defs": definitions,
    }  # fmt: skip
    _write_times_as_points(definitions)
    tidy_list_of(schema, definitions)
    return schema


def schema_text() -> str:
    """The schema as the text of its file, ``playbooks/tests.schema.json``."""
    return json.dumps(schema_of_tests(), indent=2, ensure_ascii=False) + "\n"


def _point() -> Schema:
    words = "A day (2026-03-02), a minute (2026-03-02 14:30), or a delay (+3bd) after the time before."
    return {"description": words, "type": "string", "pattern": POINT_PATTERN}


def _beginning(deal: Schema) -> Schema:
    stage: Schema = {"description": "The stage that the deal is in.", "type": "string"}
    at: Schema = {"description": "When the deal is opened; by default on Monday 2026-03-02.", **_POINT}
    known = {name: deal[name] for name in DEAL_FIELDS}
    arms: Schema = {
        "description": "The deal's arm of each experiment that is named here.",
        "type": "object", "additionalProperties": {"type": "string"},
    }  # fmt: skip
    return _object(
        {"at": at, "in": stage, "arms": arms, **known, **{name: _fields(name, fact) for name, fact in FACTS.items()}}
    )


def _when() -> Schema:
    moment: dict[str, Json] = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": _POINT,
        "additionalProperties": _TOLD,
    }
    words = "What happens when: {2026-07-01: contract_cancelled}, {+2bd: {reply_received: interested}}."
    return {"description": words, "anyOf": [{"type": "array", "items": moment}, moment]}


def _told() -> Schema:
    named = _object({name: _fields(name, model) for name, model in {**FACTS, **COMMANDS}.items()})
    several: Schema = {"type": "array", "minItems": 1, "items": _TOLD}
    return {
        "description": "Facts and commands: a name, {name: its fields}, or a list of them.",
        "anyOf": [
            {"enum": [*FACTS, *COMMANDS]},
            {**named, "minProperties": 1},
            several,
        ],
    }


def _fields(name: str, model: type[BaseModel]) -> Schema:
    """What may be said of a fact or command: its fields, its main one alone, or nothing."""
    alone: list[Json] = [{"type": _SCALARS}] if main_field(name) is not None else []
    return {"anyOf": [{"$ref": f"#/$defs/{model.__name__}"}, *alone, {"type": "null"}]}


def _expectation() -> Schema:
    bound: Schema = {"anyOf": [_POINT, names_alone(), {"type": "object"}]}
    said: Schema = {
        "never": {"description": "What must not happen.", **_EXPECTATIONS},
        "in_order": {"description": "What happens one after another.", "type": "array", "items": _EXPECTATIONS},
        "at": {"description": "On that day, or in that minute.", **_POINT},
        "by": {"description": "By the end of that day, or minute.", **_POINT},
        "after": {"description": "After that point in time, or after that has happened.", **bound},
        "before": {"description": "Before that point in time, or before that happens.", **bound},
        "times": {"description": "So often, and not more often.", "type": "integer", "minimum": 1},
    }
    several: Schema = {"^(at|by) .+$": _EXPECTATIONS}
    one: Schema = {**_object({**said, **pattern_keys()}), "minProperties": 1, "patternProperties": several}
    return {"description": "What happens.", "anyOf": [names_alone(), one]}


def _several(name: str, words: str) -> Schema:
    one: Schema = {"$ref": f"#/$defs/{name}"}
    return {"description": words, "anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _may_be_left_out(command: Schema) -> None:
    """What a test says for whoever gives the command need not be written."""
    required = command.get("required")
    if isinstance(required, list):
        command["required"] = [name for name in required if name not in LEFT_OUT]


def _write_times_as_points(part: Json) -> None:
    """Times and days of facts may be written as points in time are."""
    if isinstance(part, list):
        for each in part:
            _write_times_as_points(each)
    elif isinstance(part, dict):
        if part.get("format") in {"date-time", "date"}:
            del part["format"]
        for each in part.values():
            _write_times_as_points(each)
