"""The small language of mapping files: paths into what came in, and texts with such paths in braces.

A path begins with where it looks: ``event`` (one event of the body), ``header`` (of the request), ``setting`` (of
this installation). ``{event.portalId}-{event.objectId}`` is a text; ``{event.data}`` alone is the value itself,
whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, JsonValue

from dealwright.diagnostics.diagnostic import BadValue

Sight = Mapping[str, JsonValue]
"""What a path can see: ``event``, ``header``, ``setting``."""

ROOTS = ("event", "header", "setting")
_PATH = re.compile(r"[a-z]+(?:\.[A-Za-z0-9_-]+)*")
_BRACES = re.compile(r"\{([^{}]*)\}")


def _checked_path(path: str) -> str:
    if not _PATH.fullmatch(path) or path.partition(".")[0] not in ROOTS:
        remedy = "write one such as event.objectId, header.webhook-id, setting.playbook"
        raise BadValue(f"{path!r} is no path", remedy)
    return path


def _checked_template(value: JsonValue) -> JsonValue:
    for path in paths_in(value):
        _checked_path(path)
    return value


PathText = Annotated[str, AfterValidator(_checked_path)]
"""A path."""
Template = Annotated[JsonValue, AfterValidator(_checked_template)]
"""A value whose texts may have paths in braces."""


def look(path: str, sight: Sight) -> JsonValue:
    """What a path leads to; None when there is nothing."""
    here: JsonValue = dict(sight)
    for step in path.split("."):
        if isinstance(here, dict):
            here = here.get(step)
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here


def filled(template: JsonValue, sight: Sight) -> JsonValue:
    """The template with its paths followed.

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
    """Every path in a template."""
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


def _filled_text(text: str, sight: Sight) -> JsonValue:
    if whole := _BRACES.fullmatch(text):
        return look(whole[1], sight)
    return _BRACES.sub(lambda found: as_text(look(found[1], sight)), text)
