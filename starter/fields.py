"""Parses ``name=value`` arguments as the model's field takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo


def read_fields(given: Sequence[str] | None, model: type[BaseModel]) -> dict[str, object]:
    """The fields: JSON where the value is JSON, unless the field takes a text and could have meant what is written.

    What begins as JSON does, where no text is taken, has to be JSON.

    ``text=42`` and ``id=4711`` are texts; ``level=null`` takes a value back, ``text='"null"'`` is a text.

    Raises:
        typer.BadParameter: something is no field, is given twice, or is no JSON.
    """
    known: Mapping[str, FieldInfo] = {info.alias or name: info for name, info in model.model_fields.items()}
    read: dict[str, object] = {}
    for field in given or ():
        name, equals, value = field.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{field!r} is no field: write name=value")
        if name in read:
            raise typer.BadParameter(f"{name} is given twice")
        read[name] = _value(name, value, known.get(name))
    return read


def _value(name: str, text: str, field: FieldInfo | None) -> object:
    try:
        read: object = json.loads(text)
    except json.JSONDecodeError as error:
        if text[:1] in {"{", "["} and field is not None and not _takes(field, text):
            problem = f"{name} is no JSON: {error.msg} at its character {error.pos + 1}"
            raise typer.BadParameter(f"{problem}. In a shell, put the whole field in single quotes") from None
        return text
    except (ValueError, RecursionError):
        return text
    if isinstance(read, str) or field is None:
        return read
    if read is None:
        return None if _takes(field, None) else text
    return text if _takes(field, text) else read


def _takes(field: FieldInfo, value: object) -> bool:
    try:
        TypeAdapter[object](field.rebuild_annotation()).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True
