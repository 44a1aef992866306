"""What pydantic refuses, in the words of the playbook: the place in the file, the problem, and what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from deals.playbook.conditions import read_condition
from deals.playbook.mistakes import Place
from deals.playbook.model import Playbook
from deals.playbook.triggers import read_triggers

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from deals.playbook.written import Data

_REMEDY_BEGINS = re.compile(
    r": (?=write |did you mean |see |give |use |paths begin |join |keep |a day ends )|(?<=[.?]) "
)
_UNION_TAGS = frozenset({"trigger", "date", "span"})
_KINDS = {
    "str": "a text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "list": "a list",
    "dict": "a mapping",
    "date": "a date",
    "NoneType": "empty",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing refused. ``of_key``: it is the key that is wrong, not its value."""

    place: Place
    problem: str
    remedy: str
    of_key: bool = False


def refusals(error: ValidationError, data: Data) -> Iterator[Refusal]:
    """Everything a validation refused."""
    for detail in error.errors(include_url=False):
        yield _refusal(detail, data)


def _refusal(detail: ErrorDetails, data: Data) -> Refusal:
    place = tuple(part for part in detail["loc"] if part not in _UNION_TAGS)
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    key_is_wrong = place[-1:] == ("[key]",)
    place = place[:-1] if key_is_wrong else place
    last = str(place[-1]) if place else ""
    match kind:
        case "missing":
            return Refusal(place, f"{last!r} is missing", _how_to_give(last))
        case "extra_forbidden":
            return Refusal(place, f"{last!r} is no key here", _known_keys(place, data), of_key=True)
        case "value_error":
            return _refused_value(place, str(context["error"]), data)
        case "string_pattern_mismatch":
            word = re.sub(r"[^a-z0-9_-]+", "-", str(given).lower()).strip("-_") or "name"
            word = word if word[0].isalpha() else f"n{word}"
            problem = f"{given!r} is no name"
            return Refusal(place, problem, f"write {word[:60]} (lower-case letters, digits, - and _)", key_is_wrong)
        case "literal_error":
            return Refusal(place, f"{given!r} is not known here", _nearest(given, _quoted(context["expected"])))
        case "too_short" | "string_too_short":
            return Refusal(place, f"{last!r} is empty", _how_to_give(last))
        case "string_too_long":
            return Refusal(place, f"the text is longer than {context['max_length']} characters", "shorten it")
        case "greater_than_equal":
            return Refusal(place, f"{given!r} is too small", f"write {context['ge']} or more")
        case "less_than_equal":
            return Refusal(place, f"{given!r} is too large", f"write {context['le']} or less")
    return Refusal(place, f"{_shown(given)} stands where {_wanted(kind)} is wanted", _instead(kind, given, last))


def _refused_value(place: Place, message: str, data: Data) -> Refusal:
    inner = _innermost(place, data)
    problem, _, remedy = inner[1].partition("\0") if inner else ("", "", "")
    place = inner[0] if inner else place
    message = problem or message
    begin = _REMEDY_BEGINS.search(message)
    if begin is None:
        return Refusal(place, message, remedy or "see docs/playbook.md")
    return Refusal(place, message[: begin.start()], message[begin.end() :])


def _innermost(place: Place, data: Data) -> tuple[Place, str] | None:
    """The smallest part of a condition or of triggers that is refused, with the reason."""
    if not {"if", "leave_when", "require", "on", "until", "enter_when", "renews_on", "when"} & set(place):
        return None
    read = read_condition if {"if", "leave_when", "require"} & set(place) else read_triggers
    part: Any = data
    for step in place:
        part = part[step]
    found = None
    while (message := _refusal_of(read, part)) is not None:
        found = place, message
        for step, piece, alone in _pieces(part):
            if _refusal_of(read, alone) is not None:
                place, part = (
                    (*place, step),
                    (piece if piece is not alone and isinstance(piece, (dict, list)) else piece),
                )
                break
        else:
            break
        if _refusal_of(read, part) is None:
            return place, _refusal_of(read, alone) or message
    return found


def _refusal_of(read: Any, part: object) -> str | None:  # noqa: ANN401 - either reader
    try:
        read(part)
    except ValueError as refused:
        return str(refused)
    return None


def _pieces(part: object) -> Iterator[tuple[str | int, object, object]]:
    """The parts of a condition: each with its step, itself, and itself as it could stand alone."""
    if isinstance(part, list):
        yield from ((index, each, each) for index, each in enumerate(part))
    elif isinstance(part, dict):
        for key, value in part.items():
            yield key, value, {key: value}


def _known_keys(place: Place, data: Data) -> str:
    model = _model_at(place[:-1], data)
    if model is None:
        return "take it out"
    names = [field.alias or name for name, field in model.model_fields.items()]
    near = difflib.get_close_matches(str(place[-1]), names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(names)}"


def _model_at(place: Place, data: Data) -> type[BaseModel] | None:
    """The model that reads a place, found by trying its keys."""
    from deals.playbook import model as m

    by_name: dict[str, type[BaseModel]] = {
        "roles": m.Role, "calendar": m.CalendarRule, "limits": m.Limits, "touches_per_contact": m.Rate,
        "sends_per_rep": m.Rate, "ends": m.End, "handoffs": m.HandoffRule, "approvals": m.ApprovalRule,
        "levels": m.ApprovalLevel, "plays": m.Play, "stages": m.Stage, "steps": m.Step, "do": m.Step,
        "gate": m.Gate, "on": m.Dated, "at": m.Dated, "due": m.Dated,
    }  # fmt: skip
    if not place:
        return Playbook
    named = [part for part in place if part in by_name]
    return by_name[str(named[-1])] if named else None


def _nearest(given: object, known: list[str]) -> str:
    near = difflib.get_close_matches(str(given), known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(known)}"


def _quoted(expected: object) -> list[str]:
    return re.findall(r"'([^']*)'", str(expected))


def _how_to_give(name: str) -> str:
    match name:
        case "stages":
            return "write at least one stage: stages: [{name: follow-up, owner: rep, plays: …}]"
        case "roles":
            return "write who takes part: roles: {rep: {title: Whoever sells}}"
        case "playbook":
            return "begin the file with its name: playbook: <name>"
    return f"write {name}: and its value"


def _shown(given: object) -> str:
    kind = _KINDS.get(type(given).__name__, "something else")
    if isinstance(given, (list, dict)):
        return kind
    return "nothing" if given is None else f"{given!r}"


def _wanted(kind: str) -> str:
    for sign, words in {
        "string": "a text", "bool": "true or false", "int": "a whole number", "float": "a number",
        "decimal": "a number", "tuple": "a list", "list": "a list", "dict": "a mapping", "model": "a mapping",
        "date": "a date",
    }.items():  # fmt: skip
        if kind.startswith(sign):
            return words
    return "something else"


def _instead(kind: str, given: object, name: str) -> str:
    match _wanted(kind):
        case "a text" if isinstance(given, (int, float)) or not isinstance(given, (list, dict, type(None))):
            return f'write it in quotes: "{given}"'
        case "a text":
            return f"write {name}: and a text"
        case "a list":
            return (
                f"put it in brackets: {name}: [{given}]" if isinstance(given, str) else f"write {name}: [first, second]"
            )
        case "a mapping":
            return f"write {name}: {{key: value}}"
    return f"write {_wanted(kind)}"
