"""A deal or fact taken to pieces, for checks that look at every part of it, whatever model it is in."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import BaseModel

from dealwright.diagnostics.diagnostic import Place

Part: TypeAlias = tuple[Place, str, object]
"""A part of a model: its place, the name of the field that holds it, and what it says."""


def parts_of(model: BaseModel) -> list[Part]:
    """Every part of a deal or fact with its place and the name of the field that holds it."""
    found: list[Part] = []
    _collect(model, (), "", found)
    return found


def _collect(value: object, place: Place, name: str, found: list[Part]) -> None:
    found.append((place, name, value))
    if isinstance(value, str):
        return
    if isinstance(value, BaseModel):
        for field, part in vars(value).items():
            if part is not None:
                _collect(part, (*place, field), field, found)
    elif isinstance(value, dict):
        for key, part in value.items():
            found.append(((*place, key[:20]), "name", key))
            _collect(part, (*place, key[:20]), "", found)
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            _collect(part, (*place, number), "", found)
