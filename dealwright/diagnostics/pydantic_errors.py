"""What pydantic refuses, as diagnostics. The one place where its errors are put into our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic, Place
from dealwright.diagnostics.model_walk import Spot, spot_at
from dealwright.diagnostics.notation import Json, Notation
from dealwright.diagnostics.suggestions import did_you_mean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TIME = ("this is no time", "write one such as 2026-11-24T09:30:00+01:00")
_DAY = ("this is no day", "write one such as 2026-11-24")
_SAID = {
    "timezone_aware": ("the time has no offset", "write it with one, such as 2026-11-24T09:30:00+01:00"),
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_type": _TIME,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "date_type": _DAY,
    "decimal_parsing": ("this is no number", "write one such as 71"),
    "json_invalid": ("this is no JSON", "send one JSON object"),
    "finite_number": ("this is not a finite number", "write one such as 71"),
}
"""The problem and the remedy, by the type of pydantic's error."""
_OF_VALUES = {
    "greater_than_equal": ("is too small", "write {ge} or more"),
    "less_than_equal": ("is too large", "write {le} or less"),
}
"""The same of a value of the right type, with what pydantic knows filled in."""
_FORMS = (
    (
        "[A-Za-z0-9._:-]{0,127}",
        "1 to 128 letters, digits, dots, underscores, colons or hyphens, the first a letter or digit",
    ),
    ("[a-z0-9._-]{0,62}", "1 to 63 small letters, digits, dots, underscores or hyphens, the first a letter or digit"),
    ("[0-9a-f]{64}", "all 64 digits of the hash"),
    ("sub_", "the id as the list of subscriptions has it"),
    ("dwk_", "the key as it was told when it was made"),
    ("[0-9A-Za-z]{8}", "the id as the list of keys has it"),
    ("[!-~]", "letters, digits and signs of ASCII, without spaces"),
    ("[0-9]{1,20}", "digits alone"),
)
"""What a text is like that matches, by a part of the pattern."""
_WANTED = {
    "string": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "tuple": "a list",
    "list": "a list",
    "dict": "",
    "union_tag": "",
    "model": "",
}
"""What is wanted, by how the type begins; empty for what each notation has a word of its own for."""


def diagnostics_of(
    error: ValidationError | Iterable[ErrorDetails], model: type[BaseModel] | None, notation: Notation | None = None
) -> tuple[Diagnostic, ...]:
    """Everything that a validation refused; ``model`` is what the document was read as, if that is known."""
    details = error.errors(include_url=False) if isinstance(error, ValidationError) else error
    found: dict[tuple[Place, bool, str], Diagnostic] = {}
    for detail in details:
        for one in _diagnostics(detail, spot_at(model, detail["loc"]), notation or Json()):
            # Of a value that fits no member of a union, pydantic tells once for each member.
            kind = "" if one.code == "wrong_type" else one.problem
            found.setdefault((one.place, one.of_key, kind), one)
    return tuple(found.values())


def _diagnostics(detail: ErrorDetails, spot: Spot, notation: Notation) -> Iterator[Diagnostic]:
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, BadInput):
        for one in cause.diagnostics:
            yield replace(one.under(*spot.place), of_key=one.of_key or (spot.of_key and not one.place))
    elif isinstance(cause, Exception):
        yield Diagnostic(spot.place, str(cause), of_key=spot.of_key)
    elif detail["type"] != "too_short" or _is_short(detail):  # else a list lacks only the part that is wrong itself
        yield _plainly(detail, spot, notation)


def _is_short(detail: ErrorDetails) -> bool:
    """Whether what was given is too short, also with the parts of it that are wrong themselves."""
    return len(detail["input"]) < int(detail.get("ctx", {}).get("min_length", 1))


def _plainly(detail: ErrorDetails, spot: Spot, notation: Notation) -> Diagnostic:
    place, given, context = spot.place, detail["input"], detail.get("ctx", {})
    name = str(place[-1]) if place else ""
    match detail["type"]:
        case "missing":
            return Diagnostic(place, f"{name!r} is missing", notation.how_to_give(name), code="missing")
        case "extra_forbidden":
            problem, remedy = notation.unknown(name, given, spot)
            return Diagnostic(place, problem, remedy, code="unknown_field", of_key=True)
        case "too_short" if given:
            problem = f"{name!r} has {len(given)}, and needs at least {context['min_length']}"
            return Diagnostic(place, problem, "write more")
        case "too_short" | "string_too_short":
            return Diagnostic(place, f"{name!r} is empty", notation.how_to_give(name), code="missing")
        case "string_too_long":
            problem = f"the text is longer than {context['max_length']} characters"
            return Diagnostic(place, problem, "shorten it", code="too_large", of_key=spot.of_key)
        case "string_pattern_mismatch":
            pattern = str(context["pattern"])
            like = next((like for part, like in _FORMS if part in pattern), f"what matches {pattern}")
            problem = f"{notation.repeated(given)} does not have the right form"
            return Diagnostic(place, problem, f"write {like}", of_key=spot.of_key)
        case "literal_error" | "enum":
            near = did_you_mean(str(given), spot.choices) if spot.choices else f"write {context['expected']}"
            return Diagnostic(place, f"{notation.repeated(given)} is not known here", near)
        case kind if kind in _OF_VALUES:
            problem, remedy = _OF_VALUES[kind]
            problem = f"{notation.repeated(given)} {problem}"
            return Diagnostic(place, problem, remedy.format_map(context), of_key=spot.of_key)
        case kind if kind in _SAID:
            return Diagnostic(place, *_SAID[kind], code="syntax" if kind == "json_invalid" else "wrong_type")
    return _of_another_kind(detail, spot, notation)


def _of_another_kind(detail: ErrorDetails, spot: Spot, notation: Notation) -> Diagnostic:
    begins = next((begin for begin in _WANTED if detail["type"].startswith(begin)), None)
    if begins is None:
        return Diagnostic(spot.place, detail["msg"], of_key=spot.of_key)
    wanted, given = _WANTED[begins] or notation.mapping, detail["input"]
    remedy = notation.instead(wanted, given, spot.place[-1] if spot.place else "it")
    return Diagnostic(spot.place, f"{notation.shown(given)} stands where {wanted} is wanted", remedy, code="wrong_type")
