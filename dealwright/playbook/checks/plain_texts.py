"""Texts of a playbook that look like templates and are not: they are shown as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from dealwright.diagnostics.diagnostic import Diagnostic, Place
from dealwright.playbook.language.model import Playbook

_SIGNS = ("{{", "{%", "{#")


def unrendered_texts(playbook: Playbook) -> Iterator[Diagnostic]:
    """Titles, notices and reasons with ``{{ … }}`` in them."""
    for place, text in _texts(playbook, ()):
        if any(sign in text for sign in _SIGNS):
            problem = "this text is shown as it is written: only templates know {{ … }}"
            yield Diagnostic(place, problem, "write it in plain words; the deal is shown beside it")


def _texts(part: object, place: Place) -> Iterator[tuple[Place, str]]:
    match part:
        case str():
            yield place, part
        case BaseModel():
            for name, info in type(part).model_fields.items():
                yield from _texts(getattr(part, name), (*place, info.alias or name))
        case Mapping():
            for key, value in part.items():
                yield from _texts(key, (*place, key))
                yield from _texts(value, (*place, key))
        case tuple() | list():
            for number, each in enumerate(part):
                yield from _texts(each, (*place, number))
