"""What every command prints with: text as it is, whatever is written in it, and JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from deals.times import in_full

_WIDE = 200
"""Columns where nobody looks at a terminal: a line is cut for a reader, not for a program."""

out = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else _WIDE)
aside = Console(stderr=True, markup=False, highlight=False)


def say(as_json: bool, document: object, text: str) -> None:
    """Print a line, or the document."""
    if as_json:
        say_json(document)
    else:
        out.print(text, soft_wrap=True)


def say_json(document: object) -> None:
    """Print a document."""
    out.print_json(json.dumps(document))


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
