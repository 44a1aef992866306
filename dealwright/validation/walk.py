"""A deal or fact taken to pieces, for checks that look at every part of it, whatever model it is in."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import BaseModel

Part: TypeAlias = tuple[str, str, object]
"""A part of a model: its path, the name of the field that holds it, and what it says."""


def parts_of(model: BaseModel) -> list[Part]:
    """Every part of a deal or fact with its path and the name of the field that holds it."""
    found: list[Part] = []
    _collect(model, "", "", found)
    return found


def _collect(value: object, path: str, name: str, found: list[Part]) -> None:
    found.append((path, name, value))
    if isinstance(value, str):
        return
    if isinstance(value, BaseModel):
        for field, part in vars(value).items():
            if part is not None:
                _collect(part, f"{path}.{field}" if path else field, field, found)
    elif isinstance(value, dict):
        for key, part in value.items():
            found.append((f"{path}.{key[:20]}", "name", key))
            _collect(part, f"{path}.{key[:20]}", "", found)
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            _collect(part, f"{path}.{number}", "", found)
