"""Templates of mapping files: values whose texts may have expressions in braces.

``{event.portalId}-{event.objectId}`` is a text; ``{event.data}`` alone is the value itself, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, JsonValue

from integrations.kit.mapping.expressions import Sight, check_expression, look

_BRACES = re.compile(r"\{([^{}]*)\}")


def _checked(value: JsonValue) -> JsonValue:
    for path in paths_in(value):
        check_expression(path)
    return value


Template = Annotated[JsonValue, AfterValidator(_checked)]
"""A value whose texts may have expressions in braces."""
TextTemplate = Annotated[str, AfterValidator(_checked)]
"""A text that may have expressions in braces."""


def filled(template: JsonValue, sight: Sight) -> JsonValue:
    """The template with what its expressions lead to.

    Fields whose value is not there are left out. A ``null`` that is written in the template stays, and says that
    something is known no longer.
    """
    match template:
        case str():
            return _filled_text(template, sight)
        case dict():
            parts = [(_filled_text(key, sight), value, filled(value, sight)) for key, value in template.items()]
            return {
                as_text(key): there
                for key, written, there in parts
                if key is not None and (there is not None or written is None)
            }
        case list():
            return [filled(value, sight) for value in template]
        case _:
            return template


def paths_in(template: JsonValue) -> Iterator[str]:
    """Every expression in a template."""
    match template:
        case str():
            yield from _BRACES.findall(template)
        case dict():
            for key, value in template.items():
                yield from paths_in([key, value])
        case list():
            for value in template:
                yield from paths_in(value)


def as_text(value: JsonValue) -> str:
    """A value within a text, or compared with one: ``true``, ``12``, nothing for what is not there."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def part_of_id(value: JsonValue) -> str:
    """A value as part of an id; nothing for what can be none, so that no id is made of what is missing."""
    can_be = isinstance(value, str | int) and not isinstance(value, bool)
    return as_text(value).strip() if can_be else ""


def id_of(template: str, sight: Sight) -> str | None:
    """An id made of a template; None when a part of it is missing."""
    parts = [part_of_id(look(path, sight)) for path in paths_in(template)]
    return str(filled_with(template, parts)) if all(parts) else None


def filled_with(template: str, values: list[str]) -> str:
    """The template with these texts in the place of its expressions, in turn."""
    left = iter(values)
    return _BRACES.sub(lambda _: next(left), template)


def _filled_text(text: str, sight: Sight) -> JsonValue:
    if whole := _BRACES.fullmatch(text):
        return look(whole[1], sight)
    return _BRACES.sub(lambda found: as_text(look(found[1], sight)), text)
