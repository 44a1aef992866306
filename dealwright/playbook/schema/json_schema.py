"""The playbook's JSON Schema (draft 2020-12), so that editors complete and check a playbook while it is written.

It says what the reader in `dealwright.playbook.loading` says about a file's shape. Names that point elsewhere in
the file (roles, stages, templates) and what can never fire are beyond a schema: ``check_playbook`` finds those.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias, get_args

from pydantic import BaseModel
from typing_extensions import TypeAliasType

from dealwright.facts import FACTS
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import Kind, all_paths, known_path
from dealwright.playbook.language.triggers import EVENTS, WITHOUT_VARIANTS, known_variants
from dealwright.values.recorded import Given

Json: TypeAlias = "str | bool | int | float | list[Json] | dict[str, Json] | None"
Schema: TypeAlias = dict[str, Json]

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
_NOTE: Schema = {"type": "string", "pattern": "^notes\\..+$"}


def playbook_schema() -> Schema:
    """The schema of a playbook's file."""
    schema: Schema = Playbook.model_json_schema()
    definitions = _mapping(schema.setdefault("$defs", {}))
    for name, model in _models().items():
        _describe(schema if model is Playbook else _mapping(definitions[name]), model)
    _mapping(definitions["AnyStep"])["description"] = "One action of a play, and when it comes."
    _exactly_one(_mapping(definitions["Play"]), ("steps", "do"))
    _exactly_one(_mapping(definitions["Dated"]), ("before", "after"))
    path: Schema = {"description": "What a deal knows, by its path.", "anyOf": [{"enum": [*all_paths()]}, _NOTE]}
    definitions |= {name: _test(kind) for kind, name in _TESTS.items()}
    definitions |= {
        "Words": _words(),
        "Condition": _condition(),
        "Trigger": _trigger(),
        "Triggers": _triggers(),
        "Path": path,
    }
    _put_references(schema)
    _take_out(schema, "title")
    _take_out(schema, "discriminator")
    _take_out_nothing(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A Dealwright playbook", **schema}


def schema_text() -> str:
    """The schema as the text of its file, ``playbooks/playbook.schema.json``."""
    return json.dumps(playbook_schema(), indent=2, ensure_ascii=False) + "\n"


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


def _condition() -> Schema:
    condition: Schema = {"$ref": "#/$defs/Condition"}
    several: Schema = {"type": "array", "minItems": 1, "items": condition}
    properties: Schema = {
        "not": {"description": "True when the condition is not.", **condition},
        "all": {"description": "True when all of the conditions are.", **several},
        "any": {"description": "True when one of the conditions is.", **several},
    }
    for name, _ in _happenings():
        if (variants := _variants(name)) is not None:
            properties[name] = variants
    for path in all_paths():
        properties[path] = _comparison(path)
    return {
        "description": "A test over the deal: a fact's or event's name, {path: value}, or not/any/all of such; "
        "a list means any, several pairs mean all.",
        "anyOf": [
            {"enum": [name for name, _ in _happenings()]},
            several,
            {
                "type": "object",
                "minProperties": 1,
                "properties": properties,
                "patternProperties": {str(_NOTE["pattern"]): _comparison("notes.any")},
                "additionalProperties": False,
            },
        ],
    }


def _comparison(text: str) -> Schema:
    path = known_path(text)
    usual: Schema = {"examples": [*path.usual]} if path.usual else {}
    return {**usual, "$ref": f"#/$defs/{_TESTS[path.kind]}"}


def _test(kind: Kind) -> Schema:
    known: Schema = {"type": "boolean", "description": "Whether there is any value at all."}
    if kind == "time":
        return {"description": "Whether a time is known.", **_object({"known": known})}
    value = _VALUES[kind]
    several: Schema = {"type": "array", "minItems": 1, "items": value}
    tests: Schema = {"in": several, "not_in": several, "known": known}
    if kind in {"number", "date"}:
        tests |= {"gte": value, "gt": value, "lte": value, "lt": value}
    return {"description": "The value itself, or one test of it.", "anyOf": [value, _object(tests)]}


def _object(properties: Schema) -> Schema:
    one = {"minProperties": 1, "maxProperties": 1}
    return {"type": "object", **one, "properties": properties, "additionalProperties": False}


def _trigger() -> Schema:
    names: list[Json] = [
        {"const": name, "description": words} if words else {"const": name} for name, words in _happenings()
    ]
    with_variant = {name: found for name, _ in _happenings() if (found := _variants(name)) is not None}
    return {
        "description": "A fact or event; with a variant: {reply_received: interested}.",
        "anyOf": [*names, _object({**with_variant})],
    }


def _triggers() -> Schema:
    trigger: Schema = {"$ref": "#/$defs/Trigger"}
    return {
        "description": "Facts and events to wait for: one, or a list of which any counts.",
        "anyOf": [trigger, {"type": "array", "items": trigger}],
    }


def _variants(name: str) -> Schema | None:
    if name in WITHOUT_VARIANTS or (name in FACTS and FACTS[name].variant_field is None):
        return None
    known = known_variants(name)
    one: Schema = {"enum": list(known)} if known else {"type": "string"}
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _happenings() -> Iterator[tuple[str, str]]:
    for name, fact in FACTS.items():
        yield name, (inspect.getdoc(fact) or "").partition("\n\n")[0].replace("``", "")
    for name, when in EVENTS.items():
        yield name, f"{when[0].upper()}{when[1:]}."


def _models() -> dict[str, type[BaseModel]]:
    """The models that a playbook's file is made of, by their names in the schema."""
    found: dict[str, type[BaseModel]] = {}
    ahead: list[type[BaseModel]] = [Playbook]
    while ahead:
        model = ahead.pop()
        if model.__name__ not in found:
            found[model.__name__] = model
            ahead += [inner for info in model.model_fields.values() for inner in _models_in(info.annotation)]
    return found


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _describe(described: Schema, model: type[BaseModel]) -> None:
    """Give each property the words that stand below its field in the model."""
    words: dict[str, str] = {}
    for base in reversed(model.__mro__):
        words |= _words_below_fields(base) if issubclass(base, Given) else {}
    properties = _mapping(described.get("properties", {}))
    for field, info in model.model_fields.items():
        if text := words.get(field):
            _mapping(properties[info.alias or field]).setdefault("description", text)
    if isinstance(purpose := described.get("description"), str):
        described["description"] = purpose.replace("``", "")


def _words_below_fields(model: type[BaseModel]) -> dict[str, str]:
    """Read when a schema is wanted. ``use_attribute_docstrings`` reads them at import: 0.5 s, in every process."""
    (body,) = (part.body for part in ast.parse(inspect.getsource(model)).body if isinstance(part, ast.ClassDef))
    return {
        field.target.id: " ".join(str(ast.literal_eval(text.value)).split()).replace("``", "")
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def _exactly_one(described: Schema, keys: tuple[str, ...]) -> None:
    described["oneOf"] = [{"required": [key]} for key in keys]


def _put_references(part: Json) -> None:
    """Point from each place marked for it to the definition of conditions or triggers."""
    if isinstance(part, list):
        for each in part:
            _put_references(each)
    elif isinstance(part, dict):
        if (name := part.pop("$comment", None)) is not None:
            part["$ref"] = f"#/$defs/{name}"
        for each in part.values():
            _put_references(each)


def _take_out(part: Json, key: str) -> None:
    """Take a keyword out wherever it is one, and not the name of a property."""
    if isinstance(part, list):
        for each in part:
            _take_out(each, key)
    elif isinstance(part, dict):
        part.pop(key, None)
        for name, each in part.items():
            for inner in each.values() if name in {"properties", "$defs"} and isinstance(each, dict) else (each,):
                _take_out(inner, key)


def _take_out_nothing(part: Json) -> None:
    """What may be left out need not be written as null."""
    if isinstance(part, list):
        for each in part:
            _take_out_nothing(each)
    elif isinstance(part, dict):
        match part:
            case {"anyOf": [dict(only), {"type": "null"}]}:
                del part["anyOf"]
                part |= only
        if "default" in part and part["default"] is None:
            del part["default"]
        for each in part.values():
            _take_out_nothing(each)


def _mapping(part: Json) -> Schema:
    if not isinstance(part, dict):
        raise TypeError(f"{part!r} is no part of a schema that has parts of its own")
    return part
