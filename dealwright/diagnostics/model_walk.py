"""The place that pydantic names in an error, as it stands in the document, and what the model expects there.

Pydantic's place has steps of its own: the tag of a union's member, and ``[key]`` for a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Discriminator, Tag
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from dealwright.diagnostics.diagnostic import Place

_KEY = "[key]"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a document, and what a model expects there."""

    place: Place
    of_key: bool
    expected: object
    """The type of the value; None where the model knows nothing of the place."""
    around: type[BaseModel] | None
    """The model that the last step of the place should be a field of."""

    @property
    def fields(self) -> tuple[str, ...]:
        """What may stand in the place of the last step, as it is written."""
        fields = self.around.model_fields.items() if self.around else ()
        return tuple(info.alias or name for name, info in fields)

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts of which one is expected, if it is one of a few."""
        members = [_bare(member) for member in _members(self.expected)]
        literals = [each for member in members if get_origin(member) is Literal for each in get_args(member)]
        return tuple(each for each in literals if isinstance(each, str))


def spot_at(model: type[BaseModel] | None, steps: Sequence[int | str]) -> Spot:
    """Where pydantic's steps lead in a document of that model."""
    expected: object = model
    around: type[BaseModel] | None = None
    place: list[str | int] = []
    for step in steps:
        if step == _KEY:
            continue
        members = _members(expected)
        if _is_tagged(expected):
            expected = next((member for member in members if _has_tag(member, step)), None)
            continue
        inside = [found for member in members if (found := _inside(member, step)) is not None]
        if not inside and isinstance(step, str) and len(members) > 1:
            continue  # pydantic's name for the member of a union that it tried
        around = next((one for member in reversed(members) if (one := _model(member)) is not None), None)
        expected = inside[-1] if inside else None
        place.append(step)
    return Spot(tuple(place), _KEY in steps, expected, around)


def _inside(member: object, step: int | str) -> object:
    """The type of what a step leads to within a value; None where it leads nowhere that is known."""
    if (model := _model(member)) is not None:
        return next((_of_field(info) for name, info in model.model_fields.items() if step in {name, info.alias}), None)
    kind, parts = get_origin(_bare(member)), get_args(_bare(member))
    if not isinstance(kind, type) or not parts:
        return None
    if issubclass(kind, Mapping):
        return parts[1] if isinstance(step, str) else None
    return parts[0] if isinstance(step, int) and issubclass(kind, Sequence) else None


def _of_field(info: FieldInfo) -> object:
    return Annotated[info.annotation, *info.metadata, info]


def _members(annotation: object) -> list[object]:
    """The types that a value may have, without None."""
    bare = _bare(annotation)
    if get_origin(bare) not in {Union, UnionType}:
        return [annotation]
    members = [member for member in get_args(bare) if member is not NoneType]
    return _members(members[0]) if len(members) == 1 else members


def _is_tagged(annotation: object) -> bool:
    """Whether pydantic's place says which member of a union it means."""
    annotation = _named(annotation)
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        return any(_discriminator(note) is not None for note in notes) or _is_tagged(inner)
    members = [member for member in get_args(annotation) if member is not NoneType]
    return get_origin(annotation) in {Union, UnionType} and len(members) == 1 and _is_tagged(members[0])


def _discriminator(note: object) -> object:
    return note if isinstance(note, Discriminator) else note.discriminator if isinstance(note, FieldInfo) else None


def _has_tag(member: object, step: int | str) -> bool:
    notes = get_args(member)[1:] if get_origin(member) is Annotated else ()
    if any(isinstance(note, Tag) for note in notes):
        return any(isinstance(note, Tag) and note.tag == step for note in notes)
    model = _model(member)
    fields = model.model_fields.values() if model else ()
    return any(get_origin(info.annotation) is Literal and step in get_args(info.annotation) for info in fields)


def _model(annotation: object) -> type[BaseModel] | None:
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def _bare(annotation: object) -> object:
    annotation = _named(annotation)
    return _bare(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def _named(annotation: object) -> object:
    """What stands behind the name of a type."""
    return _named(annotation.__value__) if isinstance(annotation, TypeAliasType) else annotation
