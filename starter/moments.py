"""Times as somebody writes them at the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import typer


def with_its_zone(text: str) -> datetime:
    """A time with its zone, such as ``2026-11-25T03:00:00Z``.

    Raises:
        typer.BadParameter: it is none.
    """
    read = _read(text, "2026-11-25T03:00:00Z")
    if read.tzinfo is None:
        raise typer.BadParameter(
            f"{text!r} does not say in which zone: write it as 2026-11-25T03:00:00Z or with +01:00"
        )
    return read


def in_utc(text: str) -> datetime:
    """A day or a time, in UTC unless it says otherwise.

    Raises:
        typer.BadParameter: it is none.
    """
    read = _read(text, "2026-11-25 or 2026-11-25T15:00")
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _read(text: str, such_as: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time: write one such as {such_as}") from None
