"""What all JSON Schemas for editors have in common: each key's words, and nothing that an editor has no use for."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TypeAlias, get_args

from pydantic import BaseModel
from typing_extensions import TypeAliasType

from dealwright.values.recorded import Given, Recorded

Json: TypeAlias = "str | bool | int | float | list[Json] | dict[str, Json] | None"
Schema: TypeAlias = dict[str, Json]


def models_of(root: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The models that a file is made of, by their names in the schema."""
    found: dict[str, type[BaseModel]] = {}
    ahead: list[type[BaseModel]] = [root]
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


def describe(described: Schema, model: type[BaseModel]) -> None:
    """Give each property the words that stand below its field in the model."""
    words: dict[str, str] = {}
    for base in reversed(model.__mro__):
        words |= _words_below_fields(base) if issubclass(base, (Given, Recorded)) else {}
    properties = mapping(described.get("properties", {}))
    for field, info in model.model_fields.items():
        if text := words.get(field):
            mapping(properties[info.alias or field]).setdefault("description", text)
    if isinstance(purpose := described.get("description"), str):
        described["description"] = purpose.replace("``", "")


@cache
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


def one_of_these(properties: Schema) -> Schema:
    """A mapping with one of these keys."""
    one = {"minProperties": 1, "maxProperties": 1}
    return {"type": "object", **one, "properties": properties, "additionalProperties": False}


def exactly_one(described: Schema, keys: tuple[str, ...]) -> None:
    """Let exactly one of these keys be given."""
    described["oneOf"] = [{"required": [key]} for key in keys]


def put_references(part: Json) -> None:
    """Point from each place marked for it to the definition of conditions or triggers."""
    if isinstance(part, list):
        for each in part:
            put_references(each)
    elif isinstance(part, dict):
        if (name := part.pop("$comment", None)) is not None:
            part["$ref"] = f"#/$defs/{name}"
        for each in part.values():
            put_references(each)


def take_out(part: Json, key: str) -> None:
    """Take a keyword out wherever it is one, and not the name of a property."""
    if isinstance(part, list):
        for each in part:
            take_out(each, key)
    elif isinstance(part, dict):
        part.pop(key, None)
        for name, each in part.items():
            for inner in each.values() if name in {"properties", "$defs"} and isinstance(each, dict) else (each,):
                take_out(inner, key)


def take_out_nothing(part: Json) -> None:
    """What may be left out need not be written as null."""
    if isinstance(part, list):
        for each in part:
            take_out_nothing(each)
    elif isinstance(part, dict):
        match part:
            case {"anyOf": [dict(only), {"type": "null"}]}:
                del part["anyOf"]
                part |= only
            case {"anyOf": [*several, {"type": "null"}]}:
                part["anyOf"] = several
        if "default" in part and part["default"] is None:
            del part["default"]
        for each in part.values():
            take_out_nothing(each)


def take_out_unused(schema: Schema, definitions: Schema) -> None:
    """Take out the definitions that nothing leads to: steps refer to each other, and are no use by that alone."""
    ahead = [*_referred_to({key: part for key, part in schema.items() if part is not definitions})]
    used: set[str] = set()
    while ahead:
        if (name := ahead.pop()) not in used and name in definitions:
            used.add(name)
            ahead += _referred_to(definitions[name])
    for name in definitions.keys() - used:
        del definitions[name]


def _referred_to(part: Json) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _referred_to(each)
    elif isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.removeprefix("#/$defs/")
        for each in part.values():
            yield from _referred_to(each)


def mapping(part: Json) -> Schema:
    """A part of a schema that has parts of its own."""
    if not isinstance(part, dict):
        raise TypeError(f"{part!r} is no part of a schema that has parts of its own")
    return part


def tidy_list_of(schema: Schema, definitions: Schema) -> None:
    """Leave in the schema of a file beside a playbook what an editor has a use for."""
    put_references(schema)
    take_out_unused(schema, definitions)
    take_out(definitions, "title")
    take_out_nothing(schema)
