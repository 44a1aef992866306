"""A diagnostic: one thing that is wrong with a playbook, a template, a mapping file, a deal, a fact or a setting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

from dealwright.diagnostics.text import path_text, sentences

Place: TypeAlias = tuple[str | int, ...]
"""Where in a document: ``("stages", 2, "plays", 0, "on")``; empty for the document as a whole."""
Severity: TypeAlias = Literal["error", "warning"]
Code: TypeAlias = Literal["syntax", "missing", "unknown_field", "wrong_type", "too_large", "duplicate"]
"""What programs may tell apart without reading English."""
Given = TypeVar("Given")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a file. Lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong: where it stands, what the problem is, and what to write instead."""

    place: Place
    problem: str
    """Without a capital or a full stop of its own, like the remedy: printers add them."""
    remedy: str = ""
    severity: Severity = "error"
    code: Code | None = None
    of_key: bool = False
    """Whether the key at the place is wrong, and not its value."""
    location: Location | None = None
    """None where there is no file."""

    @property
    def path(self) -> str:
        """The place as people read it: ``stages[2].plays[0].on``."""
        return path_text(self.place)

    def under(self, *outer: str | int) -> Diagnostic:
        """The same, of a document in which this one's stands at a place."""
        return replace(self, place=(*outer, *self.place))

    def __str__(self) -> str:
        where = f"{self.location.file}:{self.location.line}: " if self.location else ""
        return where + (f"{self.path}: " if self.place else "") + sentences(self.problem, self.remedy)


def warning(place: Place, problem: str, remedy: str) -> Diagnostic:
    """A diagnostic of what can be used, and is hardly meant so."""
    return Diagnostic(place, problem, remedy, "warning")


class BadInput(ValueError):
    """Something that was handed in and cannot be used; ``diagnostics`` say all that is wrong with it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        in_files = any(one.location for one in self.diagnostics)
        super().__init__(("\n" if in_files else " ").join(map(str, self.diagnostics)))


class BadValue(BadInput):
    """One value that cannot be used."""

    def __init__(self, problem: str, remedy: str = "", place: Place = (), code: Code | None = None) -> None:
        super().__init__((Diagnostic(place, problem, remedy, code=code),))

    @property
    def problem(self) -> str:
        """What is wrong with the value."""
        return self.diagnostics[0].problem

    @property
    def remedy(self) -> str:
        """What to write instead."""
        return self.diagnostics[0].remedy


def read_parts(parts: Iterable[tuple[str | int, Given]], read: Callable[[Given], Read]) -> list[Read]:
    """Read each part of a value, by its key or number.

    Raises:
        BadInput: everything that is wrong in any of them, at its place.
    """
    found, wrong = [], []
    for step, part in parts:
        try:
            found.append(read(part))
        except BadInput as error:
            wrong += [one.under(step) for one in error.diagnostics]
    if wrong:
        raise BadInput(wrong)
    return found
