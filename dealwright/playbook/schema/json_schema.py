"""The playbook's JSON Schema (draft 2020-12), so that editors complete and check a playbook while it is written.

It says what the reader in `dealwright.playbook.loading` says about a file's shape. Names that point elsewhere in
the file (roles, stages, templates) and what can never fire are beyond a schema: ``check_playbook`` finds those.
"""

from __future__ import annotations

import json

from dealwright.playbook.language.contact_conditions import CONTACTS
from dealwright.playbook.language.levels import LEVEL_NAME
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.own_fields import TYPES
from dealwright.playbook.language.paths import COMMITTEE, STATUS, Kind, all_paths, known_path, status_paths
from dealwright.playbook.language.steps.any_step import STEPS
from dealwright.playbook.schema.happenings import asked_by, count, facts_and_events, trigger, triggers, until
from dealwright.playbook.schema.tidying import (
    Schema,
    describe,
    exactly_one,
    mapping,
    models_of,
    put_references,
    take_out,
    take_out_nothing,
)
from dealwright.qualification import STATUSES

_VALUES: dict[Kind, Schema] = {
    "text": {"type": "string"},
    "texts": {"type": "string"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
}
_TESTS: dict[Kind, str] = {
    "text": "TextTest",
    "texts": "TextTest",
    "number": "NumberTest",
    "date": "DateTest",
    "time": "TimeTest",
}
_SPAN: Schema = {"$ref": "#/$defs/Span"}
_DISTANCES: Schema = {
    "within": {"description": "The date is ahead, and no further than that.", **_SPAN},
    "older_than": {"description": "The date is past, by at least so much.", **_SPAN},
    "newer_than": {"description": "The date is past, by less than so much.", **_SPAN},
}
_NOTE: Schema = {"type": "string", "pattern": "^notes\\..+$"}
_SCORE: Schema = {"type": "string", "pattern": "^scores\\..+$"}
_OWN: Schema = {"type": "string", "pattern": "^fields\\..+$"}
_ARM = "^experiment\\..+$"


def playbook_schema() -> Schema:
    """The schema of a playbook's file."""
    schema: Schema = Playbook.model_json_schema()
    definitions = mapping(schema.setdefault("$defs", {}))
    for name, model in models_of(Playbook).items():
        describe(schema if model is Playbook else mapping(definitions[name]), model)
    mapping(definitions["AnyStep"])["description"] = "One action of a play, and when it comes."
    for kind in STEPS:
        mapping(mapping(definitions[kind.__name__])["properties"])["else"] = _else()
    exactly_one(mapping(definitions["Play"]), ("steps", "do"))
    exactly_one(mapping(definitions["Dated"]), ("before", "after"))
    path: Schema = {
        "description": "What a deal knows, by its path.",
        "anyOf": [{"enum": [*all_paths()]}, _NOTE, _OWN, _SCORE],
    }
    definitions |= {name: _test(kind) for kind, name in _TESTS.items()}
    definitions["FieldTest"] = _any_test()
    definitions["AnswerTest"] = _answer_test()
    mapping(mapping(schema["properties"])["reasons"])["additionalProperties"] = _reasons()
    own = mapping(mapping(schema["properties"])["fields"])
    short_or_long: Schema = {"anyOf": [{"enum": [*TYPES]}, {"$ref": "#/$defs/OwnField"}]}
    own["patternProperties"] = dict.fromkeys(mapping(own["patternProperties"]), short_or_long)
    own["additionalProperties"] = False
    definitions |= {
        "Words": _words(),
        "Condition": _condition(),
        "Count": count(),
        "Trigger": trigger(),
        "Triggers": triggers(),
        "Until": until(),
        "Path": path,
    }
    put_references(schema)
    take_out(schema, "title")
    take_out(schema, "discriminator")
    take_out_nothing(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A Dealwright playbook", **schema}


def schema_text() -> str:
    """The schema as the text of its file, ``playbooks/playbook.schema.json``."""
    return json.dumps(playbook_schema(), indent=2, ensure_ascii=False) + "\n"


def _else() -> Schema:
    one: Schema = {"$ref": "#/$defs/AnyStep"}
    words = "The step, or the steps, that come instead when the condition does not hold when it is asked."
    return {"description": words, "anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _words() -> Schema:
    word: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
    meaning: Schema = {"type": ["string", "null"]}
    return {
        "description": "The words that may be used: a list, or each with its meaning.",
        "anyOf": [
            {"type": "array", "minItems": 1, "uniqueItems": True, "items": word},
            {"type": "object", "minProperties": 1, "propertyNames": word, "additionalProperties": meaning},
        ],
    }


def _reasons() -> Schema:
    one: Schema = {"$ref": "#/$defs/Reason"}
    by_word: Schema = {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [one, {"type": "null"}]}}
    word: Schema = {"type": "string", "minLength": 1}
    return {
        "description": "The reasons for an outcome: a list, each perhaps with what it needs.",
        "anyOf": [{"type": "array", "minItems": 1, "items": {"anyOf": [word, by_word]}}, by_word],
    }


def _condition() -> Schema:
    condition: Schema = {"$ref": "#/$defs/Condition"}
    several: Schema = {"type": "array", "minItems": 1, "items": condition}
    properties: Schema = {
        "not": {"description": "True when the condition is not.", **condition},
        "all": {"description": "True when all of the conditions are.", **several},
        "any": {"description": "True when one of the conditions is.", **several},
    }
    since: Schema = {
        "description": "Since when the facts beside it count: the deal began, or the stage's visit.",
        "enum": ["deal", "visit"],
    }
    properties["since"] = since
    for name, _ in facts_and_events():
        properties[name] = asked_by(name)
    properties[CONTACTS] = _contacts()
    properties[f"{COMMITTEE}missing"] = {"$ref": f"#/$defs/{_TESTS['number']}"}
    for path in all_paths():
        properties[path] = _comparison(path)
    properties |= {path: _status_test() for path in status_paths()}
    return {
        "description": "A test over the deal: a fact's, event's or level's name, {path: value}, or not/any/all of "
        "such; a list means any, several pairs mean all.",
        "anyOf": [
            {"enum": [name for name, _ in facts_and_events()]},
            {"type": "string", "pattern": LEVEL_NAME, "description": "A level of the playbook."},
            several,
            count(since=since),
            {
                "type": "object",
                "minProperties": 1,
                "properties": properties,
                "patternProperties": {
                    str(_NOTE["pattern"]): _comparison("notes.any"),
                    str(_SCORE["pattern"]): {"$ref": f"#/$defs/{_TESTS['number']}"},
                    str(_OWN["pattern"]): {"$ref": "#/$defs/FieldTest"},
                    _ARM: {"$ref": f"#/$defs/{_TESTS['text']}"},
                },
                "additionalProperties": False,
            },
        ],
    }


def _contacts() -> Schema:
    """A condition over the contacts of the deal."""
    return {
        "description": "Whether so many contacts have a role, were met, say nothing for so long.",
        **_some_of(
            {
                "role": _roles(),
                "met": {"type": "boolean", "description": "Whether a meeting or demo with them took place."},
                "silent_for": {"description": "So long nothing was heard from them.", **_SPAN},
                "at_least": {"type": "integer", "minimum": 1, "description": "How many; one, if it is not said."},
            }
        ),
    }


def _roles() -> Schema:
    role: Schema = {"type": "string", "minLength": 1}
    return {
        "description": "The role in the buying committee, or several of which one is enough.",
        "anyOf": [role, {"type": "array", "minItems": 1, "items": role}],
    }


def _comparison(text: str) -> Schema:
    path = known_path(text)
    if f"{text}{STATUS}" in status_paths():
        return {"$ref": "#/$defs/AnswerTest"}
    usual: Schema = {"examples": [*path.usual]} if path.usual else {}
    return {**usual, "$ref": f"#/$defs/{_TESTS[path.kind]}"}


def _test(kind: Kind) -> Schema:
    known: Schema = {"type": "boolean", "description": "Whether there is any value at all."}
    if kind == "time":
        words = "Whether a time is known, and how far it lies ahead or back."
        return {"description": words, **_some_of({"known": known, **_DISTANCES})}
    value = _VALUES[kind]
    several: Schema = {"type": "array", "minItems": 1, "items": value}
    tests: Schema = {"in": several, "not_in": several, "known": known}
    if kind in {"number", "date"}:
        tests |= _orders(value)
    if kind == "date":
        tests |= _DISTANCES
    return {"description": "The value itself, or tests of it that must all hold.", "anyOf": [value, _some_of(tests)]}


def _orders(value: Schema) -> Schema:
    """The tests of what has an order, each with a value or the path of another one."""
    path: Schema = {"$ref": "#/$defs/Path"}
    of_path: Schema = {
        "type": "object",
        "properties": {"path": path},
        "required": ["path"],
        "additionalProperties": False,
    }
    limit: Schema = {"anyOf": [value, of_path]}
    return dict.fromkeys(("gte", "gt", "lte", "lt"), limit)


def _some_of(properties: Schema) -> Schema:
    return {"type": "object", "minProperties": 1, "properties": properties, "additionalProperties": False}


def _status_test() -> Schema:
    """A test of how sure an answer is."""
    value: Schema = {"enum": [*STATUSES]}
    several: Schema = {"type": "array", "minItems": 1, "items": value}
    known: Schema = {"type": "boolean", "description": "Whether somebody said how sure it is."}
    return {"anyOf": [value, _some_of({"in": several, "not_in": several, "known": known})]}


def _answer_test() -> Schema:
    """A test of an answer of the qualification."""
    value: Schema = {"type": "string"}
    several: Schema = {"type": "array", "minItems": 1, "items": value}
    known: Schema = {"type": "boolean", "description": "Whether there is any value at all."}
    status: Schema = {"enum": [*STATUSES], "description": "The answer is as sure as that, or surer."}
    tests = _some_of({"in": several, "not_in": several, "known": known, "status": status})
    return {"description": "The answer itself, or tests of it that must all hold.", "anyOf": [value, tests]}


def _any_test() -> Schema:
    """A test of a field that the playbook declares: which ones fit its type is said where it is read."""
    value: Schema = {"type": ["string", "number"]}
    several: Schema = {"type": "array", "minItems": 1, "items": value}
    known: Schema = {"type": "boolean", "description": "Whether there is any value at all."}
    tests = _some_of({"in": several, "not_in": several, "known": known, **_orders(value), **_DISTANCES})
    return {"description": "The value itself, or tests of it that must all hold.", "anyOf": [value, tests]}
