"""What tells one fact or command from another that comes under the same id."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

from pydantic_core import from_json

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,12})?")


def fingerprint(name: str, payload: str) -> str:
    """A short digest of what a fact or command says: the same for the same content, however its JSON is written.

    Numbers that are equal and moments that are the same count as the same; what is null counts as missing.
    """
    try:
        content = json.dumps(_plain(from_json(payload)), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        content = payload
    return hashlib.sha256(f"{name}:{content}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _plain(value: object) -> object:
    match value:
        case dict():
            return {key: _plain(part) for key, part in value.items() if part is not None}
        case list():
            return [_plain(part) for part in value]
        case str() if _NUMBER.fullmatch(value):
            return _number(Decimal(value))
        case str() if _TIME.fullmatch(value):
            return _time(value)
        case float():
            return _number(Decimal(repr(value)))
        case int() if not isinstance(value, bool):
            return _number(Decimal(value))
    return value


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}" if value.is_finite() and abs(value.adjusted()) < 40 else str(value)  # noqa: PLR2004


def _time(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text
