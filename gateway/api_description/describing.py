"""Fills in what the API's description lacks: what each field is, and an example."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel

_FIELDS = Path(__file__).with_name("fields.yaml")
_BY_FORMAT = {
    "date-time": "2026-11-24T09:30:00Z",
    "date": "2026-11-24",
    "uuid": "5d1f8c9e-0000-4000-8000-000000000000",
    "uri": "https://deals.example.com",
}
_OURS = {"dealwright", "gateway", "integrations", "store"}
"""Packages whose models the API shows."""
Schema = dict[str, Any]  # a schema of OpenAPI is any JSON


def fill_in(document: Schema) -> None:
    """Give every field of every schema a description, and an example if it is a text or a number."""
    schemas: dict[str, Schema] = document.get("components", {}).get("schemas", {})
    models = _models_by_name()
    for name, schema in schemas.items():
        short = _short(name)
        said = _said_in_code(models.get(short, ()))
        for field, about in schema.get("properties", {}).items():
            known = {**_told().get(field, {}), **_told().get(f"{short}.{field}", {})}
            text = about.get("description") or _first_paragraph(said.get(field)) or known.get("is")
            if text:
                about["description"] = text
            if needs_example(about) and (example := known.get("like", _of_format(about))) is not None:
                about["examples"] = [example]


def needs_example(field: Schema) -> bool:
    """Whether a field is a text or a number of which nothing shows what it is like."""
    return "examples" not in field and any(
        kind.get("type") in {"string", "integer", "number"} and not {"enum", "const"} & kind.keys()
        for kind in _alternatives(field)
    )


def _alternatives(field: Schema) -> list[Schema]:
    return cast("list[Schema]", field.get("anyOf") or [field])


def _of_format(field: Schema) -> str | None:
    formats = (kind.get("format") for kind in _alternatives(field))
    return next((_BY_FORMAT[one] for one in formats if one in _BY_FORMAT), None)


def _short(name: str) -> str:
    """The class's name: FastAPI puts the module before it, and ``-Input`` behind it, where several are alike."""
    return name.rpartition("__")[2].partition("-")[0]


@cache
def _told() -> dict[str, dict[str, object]]:
    told: dict[str, dict[str, object]] = yaml.safe_load(_FIELDS.read_text("utf-8"))
    return told


def _said_in_code(kinds: Iterable[type]) -> dict[str, str]:
    """What stands under the fields of these classes, and of those that they are made from."""
    said: dict[str, str] = {}
    for kind in kinds:
        for base in reversed(kind.__mro__):
            said |= _texts_of_module(base.__module__).get(base.__name__, {})
    return said


def _models_by_name() -> dict[str, list[type]]:
    named: dict[str, list[type]] = {}
    for kind in set(_models(BaseModel)):
        named.setdefault(kind.__name__, []).append(kind)
    return named


def _models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in kind.__subclasses__():
        yield each
        yield from _models(each)


@cache
def _texts_of_module(name: str) -> dict[str, dict[str, str]]:
    """For each class of one of our modules, the texts under its fields. Each module is read once."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None or name.partition(".")[0] not in _OURS:
        return {}
    tree = ast.parse(Path(file).read_text("utf-8"))
    return {node.name: dict(_texts_under_fields(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _texts_under_fields(declared: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(declared.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, inspect.cleandoc(words)


def _first_paragraph(text: str | None) -> str | None:
    return " ".join(text.partition("\n\n")[0].split()) if text else None
