"""What pydantic refuses, in the words of the playbook: the place in the file, the problem, and what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, get_args

from pydantic import BaseModel, ValidationError

from dealwright.calendar.durations import OneText
from dealwright.playbook.diagnostics import Place
from dealwright.playbook.language.branches import way_of
from dealwright.playbook.language.condition_syntax import read_condition
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.any_step import ACTIONS, STEPS, actions_in
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.triggers import read_triggers

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Reader: TypeAlias = Callable[[object], object]

_REMEDY = re.compile(r": (?=write |did you mean |see |give |use |paths begin |join |keep |a day ends )")
_CONDITIONS = frozenset({"if", "leave_when"})
_TRIGGERS = frozenset({"on", "until", "enter_when", "renews_on", "when"})
_WANTED = {
    "string": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
}
_EXAMPLES = {
    "playbook": "begin the file with its name: playbook: my-team",
    "roles": "write who takes part: roles: {rep: {title: Whoever sells}}",
    "stages": "write at least one stage: stages: [{name: follow-up, owner: rep}]",
    "levels": "write at least one level: levels: [{up_to: 100, by: [manager]}]",
    "require": "write what is required: require: {a budget: {qualification.budget: {known: true}}}",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing refused. ``of_key``: it is the key that is wrong, not its value."""

    place: Place
    problem: str
    remedy: str
    of_key: bool = False


def refusals(error: ValidationError, written: object) -> Iterator[Refusal]:
    """Everything that a validation of what was written refused."""
    for detail in error.errors(include_url=False):
        if detail["type"] != "too_short" or not detail["input"]:
            yield from _refused(detail, written)


def _refused(detail: ErrorDetails, written: object) -> Iterator[Refusal]:
    loc = detail["loc"]
    ways = [way for part in loc if (way := way_of(part)) is not None]
    place: Place = tuple(part for part in loc if way_of(part) is None)
    if detail["type"].startswith("union_tag"):
        yield from _no_step(place, detail["input"])
    elif detail["type"] == "value_error":
        message = str(detail.get("ctx", {})["error"])
        reader = None if "date" in ways else _reader(place)
        pieces = _pieces(reader, _at(place, written)) if reader else [((), message)]
        for inside, words in pieces:
            yield _in_two((*place, *inside), words)
    else:
        of_key = place[-1:] == ("[key]",)
        yield _plainly(detail, place[:-1] if of_key else place, of_key=of_key)


def _no_step(place: Place, given: object) -> Iterator[Refusal]:
    """A step that names no action, or several."""
    if not isinstance(given, Mapping):
        yield _of_another_kind("model", given, place, None)
        return
    known = list(dict.fromkeys((*ACTIONS, *(key for kind in STEPS for key in _keys(kind)))))
    actions, unknown = actions_in(given), [str(key) for key in given if key not in known]
    for key in unknown:
        yield _no_key((*place, key), given[key], known)
    if actions and not unknown:
        yield Refusal(place, f"this step does {' and '.join(actions)}", "write a step for each")
    elif not unknown:
        yield Refusal(place, "this step does nothing", f"write one of {', '.join(ACTIONS)}")


def _plainly(detail: ErrorDetails, place: Place, *, of_key: bool) -> Refusal:
    given, context = detail["input"], detail.get("ctx", {})
    last, model = str(place[-1]) if place else "", _model_at(detail["loc"][:-1])
    match detail["type"]:
        case "missing" | "extra_forbidden" if model and issubclass(model, OneText):
            return _of_another_kind("model_type", {}, place[:-1], model)
        case "missing":
            return Refusal(place, f"{last!r} is missing", _how_to_give(last))
        case "too_short" | "string_too_short":
            return Refusal(place, f"{last!r} is empty", _how_to_give(last))
        case "extra_forbidden":
            return _no_key_of(model, place, given)
        case "string_pattern_mismatch":
            return Refusal(place, f"{given!r} is no name", f"write {_as_word(str(given))}", of_key)
        case "literal_error":
            known = re.findall(r"'([^']*)'", str(context["expected"]))
            return Refusal(place, f"{given!r} is not known here", _nearest(str(given), known))
        case "string_too_long":
            return Refusal(place, f"the text is longer than {context['max_length']} characters", "shorten it")
        case "greater_than_equal":
            return Refusal(place, f"{given!r} is too small", f"write {context['ge']} or more")
        case "less_than_equal":
            return Refusal(place, f"{given!r} is too large", f"write {context['le']} or less")
    return _of_another_kind(detail["type"], given, place, _model_at(detail["loc"]))


def _no_key_of(model: type[BaseModel] | None, place: Place, given: object) -> Refusal:
    """A key that a model does not have; it may be one of another kind of step."""
    key = str(place[-1])
    if model and issubclass(model, Step):
        belongs = sorted(kind.action for kind in STEPS if key in _keys(kind))
        if belongs:
            remedy = f"take it out: it belongs to a step with {' or '.join(belongs)}"
            return Refusal(place, f"{key!r} says nothing for {model.action!r}", remedy, of_key=True)
    return _no_key(place, given, _keys(model) if model else [])


def _no_key(place: Place, given: object, known: list[str]) -> Refusal:
    key = str(place[-1])
    if given is None and " " in key.strip():
        problem = f"{key!r} is no key here, and looks like the rest of a text"
        return Refusal(place, problem, "put a text with a comma in it in quotes", of_key=True)
    return Refusal(place, f"{key!r} is no key here", _nearest(key, known) if known else "take it out", of_key=True)


def _of_another_kind(kind: str, given: object, place: Place, model: type[BaseModel] | None) -> Refusal:
    if model is not None and issubclass(model, OneText):
        example = str(model.text_schema["examples"][0])
        return Refusal(place, f"{_shown(given)} stands where one text is wanted", f"write it like {example}")
    wanted = next((words for sign, words in _WANTED.items() if kind.startswith(sign)), "something else")
    return Refusal(place, f"{_shown(given)} stands where {wanted} is wanted", _instead(wanted, given, place[-1]))


def _instead(wanted: str, given: object, name: str | int) -> str:
    match wanted, given:
        case "a mapping", _ if isinstance(name, int):
            return "write {key: value}"
        case "a text", int() | float():
            return f'write it in quotes: "{given}"'
        case "a list", str():
            return f"write {name}: [{given}]"
        case "a list", _:
            return f"write {name}: [first, second]"
        case "a mapping", _:
            return f"write {name}: {{key: value}}"
    return f"write {wanted}"


def _shown(given: object) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, (list, tuple)):
        return "a list"
    return "a mapping" if isinstance(given, Mapping) else repr(given)


def _in_two(place: Place, message: str) -> Refusal:
    problem, remedy = message, "see docs/playbook.md"
    if begin := _REMEDY.search(message):
        problem, remedy = message[: begin.start()], message[begin.end() :]
    return Refusal(place, problem, remedy)


def _reader(place: Place) -> Reader | None:
    """What reads a place that has smaller parts of its own."""
    if (place[-1:] and place[-1] in _CONDITIONS) or place[-2:-1] == ("require",):
        return read_condition
    return read_triggers if place[-1:] and place[-1] in _TRIGGERS else None


def _pieces(read: Reader, part: object) -> list[tuple[Place, str]]:
    """The smallest parts that are refused, each with the reason."""
    message = _reason(read, part)
    if message is None:
        return []
    found: list[tuple[Place, str]] = []
    if isinstance(part, list):
        for index, each in enumerate(part):
            found += [((index, *inside), words) for inside, words in _pieces(read, each)]
    elif isinstance(part, dict):
        for key, value in part.items():
            found += [((key, *inside), words) for inside, words in _pieces_of_pair(read, key, value)]
    return found or [((), message)]


def _pieces_of_pair(read: Reader, key: object, value: object) -> list[tuple[Place, str]]:
    message = _reason(read, {key: value})
    if message is None:
        return []
    goes_on = key == "not" or (key in {"any", "all"} and isinstance(value, list) and value)
    return (_pieces(read, value) if goes_on else []) or [((), message)]


def _reason(read: Reader, part: object) -> str | None:
    try:
        read(part)
    except ValueError as refused:
        return str(refused)
    return None


def _at(place: Place, written: object) -> object:
    for step in place:
        written = written[step]  # type: ignore[index] # the place comes from walking this very value
    return written


def _model_at(loc: Place) -> type[BaseModel] | None:
    """The model that reads what stands at a place, of which the ways are a part in which things are written."""
    model: type[BaseModel] | None = Playbook
    annotation: object = Playbook
    for part in loc:
        if isinstance(part, int):
            continue
        if (way := way_of(part)) is not None:
            model = next((kind for kind in STEPS if kind.action == way), model)
            continue
        if model is not None and (field := _field(model, part)) is not None:
            annotation = field
        model = _model_in(annotation)
    return model


def _field(model: type[BaseModel], key: str) -> object | None:
    for name, info in model.model_fields.items():
        if key in {name, info.alias}:
            return info.annotation
    return None


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = [found for part in get_args(annotation) if (found := _model_in(part)) is not None]
    return inside[-1] if inside else None


def _keys(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _nearest(given: str, known: list[str]) -> str:
    near = difflib.get_close_matches(given, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(known)}"


def _how_to_give(name: str) -> str:
    return _EXAMPLES.get(name, f"write {name}: and its value")


def _as_word(given: str) -> str:
    word = re.sub(r"[^a-z0-9_]+", "-", given.lower()).strip("-_")
    word = word if word[:1].isalpha() else f"n{word}"
    return f"{word[:60]}: lower-case letters, digits, - and _, beginning with a letter"
