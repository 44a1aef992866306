"""Output of all commands: plain text, tables, and JSON for programs.

What people and tools have written is never taken for markup or an emoji's name, and what steers a terminal is shown,
not obeyed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.diagnostics.text import sentence
from dealwright.values.times import in_full

_WIDE = 200
"""Columns where nobody looks at a terminal: a line is cut for a reader, not for a program."""

_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and new line, what turns the direction of writing, and halves of characters."""


class PlainConsole(Console):
    """Prints texts as they are."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, markup=False, highlight=False, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, and show what would steer the terminal."""
        return map(_harmless, super().render(renderable, options))


def _harmless(segment: Segment) -> Segment:
    if segment.control or not _STEERS.search(segment.text):  # Rich's own control codes are not text
        return segment
    text = _STEERS.sub(lambda found: found[0].encode("unicode_escape").decode(), segment.text)
    return Segment(text, segment.style)


out = PlainConsole(width=None if sys.stdout.isatty() else _WIDE)
aside = PlainConsole(stderr=True)


def say(as_json: bool, document: object, text: str) -> None:
    """Print a line, or the document."""
    if as_json:
        say_json(document)
    else:
        out.print(text, soft_wrap=True)


def say_json(document: object) -> None:
    """Print a document."""
    out.print_json(json.dumps(document))


def documents(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Diagnostics as JSON: what is not known of one is left out."""
    told = []
    for one in diagnostics:
        at = one.location
        parts: dict[str, object] = {
            "severity": one.severity,
            "file": at and at.file,
            "line": at and at.line,
            "column": at and at.column,
            "path": one.path or None,
            "problem": sentence(one.problem),
            "remedy": sentence(one.remedy) if one.remedy else None,
            "code": one.code,
        }
        told.append({name: part for name, part in parts.items() if part is not None})
    return told


def print_rows(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]) -> None:
    """Print a table."""
    table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(cell or "" for cell in row))
    out.print(table)


def counted(number: int, what: str) -> str:
    """``1 deal``, ``2 deals``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def moment(at: datetime) -> str:
    """A time, in UTC."""
    return f"{in_full(at.astimezone(UTC))} UTC"
