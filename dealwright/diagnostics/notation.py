"""How diagnostics speak of a value: as a file of YAML has it, or as a program sends it in JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import ClassVar, TypeAlias

from pydantic import BaseModel
from typing_extensions import override

from dealwright.diagnostics.model_walk import Spot
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.written_numbers import number_meant

_OFTEN_MEANT = {
    "delay": "after", "message": "text", "body": "text", "when": "on", "trigger": "on", "condition": "if",
    "stop_when": "until", "stop_on": "until", "assignee": "owner", "deadline": "due", "recipient": "to",
}  # fmt: skip
"""The keys that people write for ours, where ours may stand."""

Elsewhere: TypeAlias = Callable[[type[BaseModel], str], "tuple[str, str] | None"]


class Notation(ABC):
    """The words of one notation."""

    field: ClassVar[str]
    """What the name of a value is called."""
    mapping: ClassVar[str]
    """What a value with names of its own is called."""

    @abstractmethod
    def shown(self, value: object) -> str:
        """A value of the wrong type, as the subject of a sentence."""

    @abstractmethod
    def repeated(self, value: object) -> str:
        """A value of the right type, as the subject of a sentence."""

    @abstractmethod
    def how_to_give(self, name: str) -> str:
        """What to do about a value that is not there."""

    @abstractmethod
    def instead(self, wanted: str, value: object, name: str | int) -> str:
        """What to write instead of a value of the wrong type."""

    def unknown(self, name: str, value: object, spot: Spot) -> tuple[str, str]:  # noqa: ARG002 - YAML's asks
        """The problem and the remedy of a field that nobody knows."""
        return f"{name!r} is no {self.field} here", did_you_mean(name, spot.fields)


class Json(Notation):
    """What a program sends. Values are not repeated: they may be personal, and diagnostics are kept."""

    field = "field"
    mapping = "an object"

    @override
    def shown(self, value: object) -> str:
        return _kind_of(value, self.mapping)

    @override
    def repeated(self, value: object) -> str:
        return "this"

    @override
    def how_to_give(self, name: str) -> str:
        return "give it a value"

    @override
    def instead(self, wanted: str, value: object, name: str | int) -> str:
        return f"write {wanted}"


class Yaml(Notation):
    """A file that somebody writes with an editor.

    ``examples`` say how to give what is missing, by its name; ``elsewhere`` gives the problem and the remedy of a key
    that belongs to another model than the one that it stands in.
    """

    field = "key"
    mapping = "a mapping"

    def __init__(self, examples: Mapping[str, str] | None = None, elsewhere: Elsewhere | None = None) -> None:
        self._examples = examples or {}
        self._elsewhere = elsewhere or (lambda _model, _key: None)

    @override
    def shown(self, value: object) -> str:
        of_many = value is None or isinstance(value, (list, tuple, Mapping))
        return _kind_of(value, self.mapping) if of_many else self.repeated(value)

    @override
    def repeated(self, value: object) -> str:
        return value.isoformat(" ") if isinstance(value, datetime) else str(value) if _is_plain(value) else repr(value)

    @override
    def how_to_give(self, name: str) -> str:
        return self._examples.get(name, f"write {name}: and its value")

    @override
    def instead(self, wanted: str, value: object, name: str | int) -> str:
        match wanted, value:
            case self.mapping, _:
                return "write {key: value}" if isinstance(name, int) else f"write {name}: {{key: value}}"
            case "a text", int() | float():
                return f'write it in quotes: "{value}"'
            case "a list", str():
                return f"write {name}: [{value}]"
            case "a number" | "a whole number", str() if (meant := number_meant(value)) is not None:
                return f"write {name}: {meant.number}" if isinstance(name, str) else f"write {meant.number}"
            case "a list", _:
                return f"write {name}: [first, second]"
        return f"write {wanted}"

    @override
    def unknown(self, name: str, value: object, spot: Spot) -> tuple[str, str]:
        if spot.around is not None and (said := self._elsewhere(spot.around, name)) is not None:
            return said
        if value is None and " " in name.strip():
            problem = f"{name!r} is no key here, and looks like the rest of a text"
            return problem, "put a text with a comma in it in quotes"
        if (meant := _OFTEN_MEANT.get(name)) in spot.fields:
            return f"{name!r} is no {self.field} here", f"did you mean {meant!r}?"
        return super().unknown(name, value, spot)


def _is_plain(value: object) -> bool:
    """Whether a value is said as it is written, and not as Python writes it."""
    return isinstance(value, (date, int, float)) and not isinstance(value, bool)


def _kind_of(value: object, mapping: str) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return mapping
    return "this value"
