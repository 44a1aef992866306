"""Writes SOQL, Salesforce's query language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def quoted(text: str) -> str:
    """A text in a query, whatever it contains."""
    return "'" + "".join(_ESCAPES.get(char, char) for char in text) + "'"


def moment(at: datetime) -> str:
    """A time in a query. Salesforce keeps whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def select(fields: Sequence[str], sobject: str, *conditions: str, order: str = "", limit: int | None = None) -> str:
    """A query. Names of fields and objects come from code and settings, never from what came in."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    ordered = f" ORDER BY {order}" if order else ""
    limited = f" LIMIT {limit}" if limit is not None else ""
    return f"SELECT {', '.join(fields)} FROM {sobject}{where}{ordered}{limited}"  # noqa: S608 - see above
