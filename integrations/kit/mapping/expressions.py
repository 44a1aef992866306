"""Expressions of mapping files: where in what came in a value stands.

They are JMESPath (jmespath.org). An expression begins with where it looks: ``event`` (one event of the body),
``header`` (of the request, by lower-case names with ``_`` for ``-``), ``query`` (of the URL), ``setting`` (of this
installation), ``lookup`` (what the file's lookups found). One that does not fit what came leads to nothing: a stranger
decides what comes in, and never makes an expression fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, TypeAlias, cast

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from pydantic import AfterValidator, JsonValue

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from integrations.kit.mapping.functions import OPTIONS

Sight: TypeAlias = Mapping[str, JsonValue]
"""What an expression can see, by its roots."""
Node: TypeAlias = Mapping[str, object]
"""A part of an expression, as jmespath reads it."""

ROOTS = ("event", "header", "query", "setting", "lookup")
LONGEST_EXPRESSION = 500
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_LIKE_THIS = "write one such as event.objectId, header.webhook_id, setting.playbook"
_INNER = frozenset({
    "subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe",
})  # fmt: skip
"""Parts of which only the first looks from the roots; the others look from what that one leads to."""


def look(path: str, sight: Sight) -> JsonValue:
    """What an expression leads to; None when there is nothing."""
    steps = _steps(path)
    if steps is None:
        return _searched(path, sight)
    here: JsonValue = sight.get(steps[0])
    for step in steps[1:]:
        if not isinstance(here, dict):
            return None
        here = here.get(step)
    return here


@cache  # expressions come from files alone
def uses_of(path: str) -> frozenset[tuple[str, str]]:
    """The roots that an expression looks at, each with the field of it (empty for the whole)."""
    return frozenset(_uses(_compiled(path).parsed))


def check_expression(path: str) -> str:
    """Return the expression when it can be used.

    Raises:
        BadValue: what is wrong with it.
    """
    if len(path) > LONGEST_EXPRESSION:
        raise BadValue(f"the path has {len(path)} characters", f"write at most {LONGEST_EXPRESSION}")
    try:
        uses = uses_of(path)
    except (JMESPathError, RecursionError) as error:
        in_header = path.startswith("header.") and "-" in path
        remedy = f"write {path.lower().replace('-', '_')}" if in_header else _LIKE_THIS
        raise BadValue(f"{path!r} is no path ({_reason(error)})", remedy) from None
    for root, _ in sorted(uses):
        if root not in ROOTS:
            wanted = did_you_mean(root, ROOTS, _LIKE_THIS)
            raise BadValue(f"{path!r} is no path: it begins with {root!r}", f"{wanted}; {_LIKE_THIS}")
    return path


Expression = Annotated[str, AfterValidator(check_expression)]
"""A path into what came in."""


@cache
def _compiled(path: str) -> ParsedResult:
    return jmespath.compile(path)


@cache
def _steps(path: str) -> tuple[str, ...] | None:
    """The steps of an expression that is nothing but names: those are followed without the interpreter."""
    return tuple(path.split(".")) if _PLAIN.fullmatch(path) else None


def _searched(path: str, sight: Sight) -> JsonValue:
    try:
        return cast("JsonValue", _compiled(path).search(sight, options=OPTIONS))
    except (JMESPathError, ArithmeticError, AttributeError, OSError, TypeError, ValueError):
        return None  # a function or a comparison that does not fit what came


def _uses(node: Node) -> Iterator[tuple[str, str]]:
    kind, parts = node["type"], cast("list[Node]", node["children"])
    match kind:
        case "field":
            yield str(node["value"]), ""
        case "subexpression" if parts[0]["type"] == parts[1]["type"] == "field":
            yield str(parts[0]["value"]), str(parts[1]["value"])
        case "current" | "identity":
            yield "@", ""
        case "literal" | "expref":
            return
        case _:
            for part in parts[:1] if kind in _INNER else parts:
                yield from _uses(part)


def _reason(error: Exception) -> str:
    first = str(error).strip().splitlines()
    return (first[0] if first else type(error).__name__)[:120].rstrip(".:")
