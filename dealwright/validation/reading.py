"""Facts and commands as they came in, read as their models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from dealwright.validation.errors import bad_fields

Model = TypeVar("Model", bound=BaseModel)


def read_fields(model: type[Model], fields: Mapping[str, object]) -> Model:
    """What a program or a person gave, by its fields.

    Raises:
        BadDeal: everything that keeps it from being one, without its values: they may be personal.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise bad_fields(error.errors(include_url=False), model) from error


def read_json(model: type[Model], text: str) -> Model:
    """What was sent as JSON.

    Raises:
        BadDeal: everything that keeps it from being one, without its values: they may be personal.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise bad_fields(error.errors(include_url=False), model) from error
