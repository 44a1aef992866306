"""Jinja as messages are rendered with it: a view of the deal's fields, and nothing that could change or call anything.

A name that is not known and a value that is not known (``None``) are errors, so that no message greets "None".
The check renders with the same rules before a playbook is taken as the worker does when a message goes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Undefined, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel
from typing_extensions import override

from dealwright.deal import OwnValue

SUBJECT = "subject:"
"""How a template's first line begins, in any case."""


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def fields_shown(fields: Mapping[str, OwnValue | None] | None) -> dict[str, object]:
    """The playbook's own fields as a message sees them: days as such, whole numbers without a fraction."""
    return {name: _shown(value) for name, value in (fields or {}).items() if value is not None}


def _shown(value: OwnValue) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    return value


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja that shows a model's fields and properties, and none of its methods."""

    def __init__(self, files: Mapping[str, str]) -> None:
        super().__init__(
            loader=DictLoader(dict(files)),
            undefined=StrictUndefined,
            finalize=_known,
            autoescape=False,  # messages are plain text: there is nothing to escape
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    @override
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, BaseModel):
            model = type(obj)
            return attr in model.model_fields or isinstance(getattr(model, attr, None), property)
        return super().is_safe_attribute(obj, attr, value)

    @override
    def getattr(self, obj: Any, attribute: str) -> Any:
        found = super().getattr(obj, attribute)
        # A note that nobody took is a value that is not known, not a name that does not exist: it can be asked for.
        return None if isinstance(obj, Mapping) and isinstance(found, Undefined) else found

    @override
    def getitem(self, obj: Any, argument: Any) -> Any:
        found = super().getitem(obj, argument)
        return None if isinstance(obj, Mapping) and isinstance(found, Undefined) else found


def _known(value: object) -> object:
    if value is None:
        raise UndefinedError("a value that is not known (None) would stand in the message; ask `{% if … %}` first")
    return value
