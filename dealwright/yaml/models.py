"""A file of YAML read as a model: the model, or everything that keeps the file from being one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.diagnostics.notation import Notation, Yaml
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.yaml.document import YamlDocument

Model = TypeVar("Model", bound=BaseModel)


def validate(
    document: YamlDocument,
    model: type[Model],
    *,
    kind: str,
    begin: str,
    notation: Notation | None = None,
    context: Mapping[str, object] | None = None,
) -> tuple[Model | None, list[Diagnostic]]:
    """The model, and what is wrong with the file: with its YAML, and as this model.

    ``kind`` is what the file is called, ``begin`` how one begins, ``notation`` what is known of its keys.
    ``context`` is what its parts must know of each other while they are read.
    """
    found = list(document.diagnostics)
    if not isinstance(document.data, dict):
        problem = f"the {kind} is {'empty' if document.data is None else 'no mapping'}"
        return None, [*found, document.located(Diagnostic((), problem, begin, code="wrong_type"))]
    try:
        return model.model_validate(document.data, context=context), found
    except ValidationError as error:
        unread = [one.place for one in found]
        refused = diagnostics_of(error, model, notation or Yaml())
        told = (one for one in refused if not any(place[: len(one.place)] == one.place for place in unread))
        return None, [*found, *map(document.located, told)]
