"""Deals to try a template on: with everything known, with as little as a playbook can be sure of, and in between.

What may be missing is named by its path as templates write it (``proposal.link``, ``sender.name``), a part by its
own name (``proposal``). The paths come from the models, so that a new field is tried too.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType

from pydantic import AwareDatetime, BaseModel

from dealwright.deal import Contact, Deal, Money, Person
from dealwright.playbook.language.paths import OWN, Path

_WHOLE = ("account", "proposal", "contract", "demo", "meeting")
"""The parts of a deal that stand in a message by names of their own."""
_BY_NAME = ("notes", "owners")
"""The parts that hold whatever somebody gave them, by its name: ``deal.notes.*`` is missing when it is not there."""
_ALWAYS = frozenset(
    {"contact.email", "deal.contacts", "deal.contact", "meeting.starts_at", "demo.starts_at"}
    | {"contract.starts_on", "contract.ends_on"}
)
"""A message goes to a contact with an address; a meeting or contract that stands in a deal has its dates."""
_TIME, _DAY = datetime(2026, 3, 2, 15, tzinfo=UTC), date(2027, 3, 1)
_SAMPLES: dict[object, object] = {
    int: 1, float: 1.0, bool: True, Decimal: Decimal(1), datetime: _TIME, AwareDatetime: _TIME, date: _DAY,
}  # fmt: skip
_NAMED = {
    "currency": "EUR",
    "timezone": "UTC",
    "country": "DE",
    "email": "sample@sample.example",
    "hours": "Mon-Fri 09:00-17:00",
}


class _Anything(dict[str, object]):
    """Notes or owners that have whatever is asked for, or only certain words."""

    def __init__(self, value: object, words: frozenset[str] | None) -> None:
        super().__init__(dict.fromkeys(words or {"sample"}, value))
        self._value, self._words = value, words

    def __missing__(self, key: str) -> object:
        if self._words is not None or not key.isidentifier():
            raise KeyError(key)
        return self._value


def may_be_missing(sure: frozenset[str], own: Mapping[str, Path]) -> tuple[str, ...]:
    """Every path that a message cannot count on; ``sure`` are those that the playbook makes sure of.

    ``own`` are the fields that it declares.
    """
    certain = _ALWAYS | sure | {path.partition(".")[0] for path in sure}
    if any(path.startswith("notes.") for path in sure):
        certain |= {"deal.notes"}
    found = ["scheduling_link", "sender", *(f"sender.{name}" for name in _optional(Person))]
    found += [f"contact.{name}" for name in _optional(Contact)]
    found += own
    for name, model in _fields(Deal):
        part = name if name in _WHOLE else f"deal.{name}"
        found += [part, f"{part}.*"] if name in _BY_NAME else [part]
        if model is not None:
            found += [f"{part}.{inner}" for inner in _optional(model)]
    return tuple(path for path in found if path not in certain)


def view(missing: frozenset[str], sure: frozenset[str], own: Mapping[str, Path]) -> dict[str, object]:
    """What a template sees while the paths ``missing`` are not known, and the notes among ``sure`` are there."""
    deal = _deal(missing, frozenset(path.partition(".")[2] for path in sure if path.startswith("notes.")))
    return {
        "deal": deal,
        "contact": deal.contact,
        "sender": None if "sender" in missing else _sample(Person, "sender", missing),
        **{part: getattr(deal, part) for part in _WHOLE},
        "fields": {path.text.removeprefix(OWN): _own(path) for path in own.values() if path.text not in missing},
        "scheduling_link": None if "scheduling_link" in missing else "https://sample.example/book",
        "unsubscribe_url": "https://sample.example/unsubscribe",
    }


def _own(path: Path) -> object:
    """A value of a field that the playbook declares, as a message sees it."""
    if path.is_money:
        return Money(amount=Decimal(1), currency="EUR")
    values: dict[str, object] = {"number": 1, "date": _DAY}
    return values.get(path.kind, path.words[0] if path.words else "Sample")


def _deal(missing: frozenset[str], sure_notes: frozenset[str]) -> Deal:
    known: dict[str, object] = {}
    for name, model in _fields(Deal):
        part = name if name in _WHOLE else f"deal.{name}"
        if part in missing:
            known[name] = None
        elif name == "contacts":
            known[name] = (_sample(Contact, "contact", missing),)
        elif name in _BY_NAME:
            value = "Sample" if name == "notes" else _sample(Person, "owner", frozenset())
            known[name] = _Anything(value, sure_notes if f"{part}.*" in missing else None)
        else:
            known[name] = _sample(model, part, missing) if model else _value(Deal.model_fields[name].annotation)
    return Deal(id="sample").model_copy(update=known)


def _sample(model: type[BaseModel], path: str, missing: frozenset[str]) -> BaseModel:
    values = {
        name: None if f"{path}.{name}" in missing else _NAMED.get(name, _value(info.annotation))
        for name, info in model.model_fields.items()
    }
    return model.model_construct().model_copy(update=values)


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, type[BaseModel] | None], ...]:
    """The fields of a deal that may be missing, each with its model if it is a part with fields of its own."""
    found = []
    for name in (name for name in _optional(model) if (model, name) != (Deal, "fields")):
        kinds = list(_kinds(model.model_fields[name].annotation))
        part = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        found.append((name, part if len(kinds) == 1 else None))
    return tuple(found)


@cache
def _optional(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, info in model.model_fields.items() if type(None) in typing.get_args(info.annotation))


def _kinds(annotation: object) -> Iterator[object]:
    """The types that an annotation allows, without None."""
    if typing.get_origin(annotation) in {typing.Union, UnionType}:
        for part in typing.get_args(annotation):
            yield from _kinds(part)
    elif typing.get_origin(annotation) is typing.Annotated:
        yield from _kinds(typing.get_args(annotation)[0])
    elif annotation is not type(None):
        yield annotation


def _value(annotation: object) -> object:
    """A value of a type."""
    kind = next(_kinds(annotation), str)
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return inside[0]
    if origin is tuple:
        return (_value(inside[0]),)
    if origin is not None and issubclass(origin, Mapping):
        return {"sample": _value(inside[1])}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _sample(kind, "", frozenset())
    return _SAMPLES.get(kind, "Sample")
