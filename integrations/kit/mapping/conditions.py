"""Whether a condition of a mapping file holds for an event."""

from __future__ import annotations

from pydantic import JsonValue

from integrations.kit.mapping.expressions import Sight, look
from integrations.kit.mapping.rules import Present, Wanted, When
from integrations.kit.mapping.templates import as_text


def holds(when: When, sight: Sight) -> bool:
    """Whether every expression leads to what is wanted of it."""
    return all(_is(look(path, sight), wanted) for path, wanted in when.items())


def _is(value: JsonValue, wanted: Wanted) -> bool:
    if isinstance(wanted, Present):
        return (value is not None and value not in ("", [], {})) is wanted.present
    choices = wanted if isinstance(wanted, list) else [wanted]
    return as_text(value) in [as_text(choice) for choice in choices]
