"""Fields that may be written in several ways: a tag for each way, so that errors speak of the one that was meant."""

from __future__ import annotations

_SIGN = "\0"
"""No key of a file begins with it, so that a tag is told from a key in the place of an error."""


def tag(way: str) -> str:
    """The tag of a way in which something may be written."""
    return f"{_SIGN}{way}"


def way_of(part: str | int) -> str | None:
    """The way for which a part of an error's place stands; None for a key or a number."""
    return part.removeprefix(_SIGN) if isinstance(part, str) and part.startswith(_SIGN) else None
