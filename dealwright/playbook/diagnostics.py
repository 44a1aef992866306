"""What is wrong with a playbook: where it stands in the file, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = tuple[str | int, ...]
"""Where in a playbook: ``("stages", 2, "plays", 0, "on")``."""
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, for a person with an editor. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    path: str
    """The place in the playbook: ``stages[2].plays[0].on``; empty for the file as a whole."""
    problem: str
    remedy: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " + (f"{self.path}: " if self.path else "")
        return f"{where}{sentence(self.problem)}" + (f" {sentence(self.remedy)}" if self.remedy else "")


class BadPlaybook(ValueError):
    """A playbook that cannot be used, with everything that is wrong with it, one line each."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, at a place in the playbook."""

    severity: Severity
    place: Place
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.severity}: {as_text(self.place)}: {sentence(self.problem)} {sentence(self.remedy)}"


def as_text(place: Place) -> str:
    """A place as people read it: ``stages[2].plays[0].on``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def sentence(text: str) -> str:
    """A text that begins large and ends with a full stop, unless it begins with what was written."""
    text = text.strip()
    return (text[:1].upper() + text[1:]) + ("" if text.endswith((".", "?", "!")) else ".")
