"""Numbers and comparisons as people write them: ``">= 50"``, ``"€50"``, ``"1,000"``, ``"10%"``."""

from __future__ import annotations

import re
from typing import NamedTuple

_AS_PEOPLE_WRITE = re.compile(
    r"\s*(?P<sign>>=|<=|=>|=<|>|<|≥|≤|=|)\s*(?:[€$£¥]|[A-Z]{3})?\s*"
    r"(?P<number>-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(?:%|[€$£¥]|[A-Z]{3})?\s*"
)
_HOW = {">=": "gte", "=>": "gte", "≥": "gte", "<=": "lte", "=<": "lte", "≤": "lte", ">": "gt", "<": "lt"}


class Meant(NamedTuple):
    """What somebody meant."""

    number: str
    """As YAML and JSON have it."""
    how: str | None
    """How to compare with it: ``gte``, ``gt``, ``lte`` or ``lt``; None for a number alone."""


def number_meant(written: object) -> Meant | None:
    """The number in a text that was meant to be one; None where there is none."""
    found = _AS_PEOPLE_WRITE.fullmatch(written) if isinstance(written, str) else None
    return Meant(found["number"].replace(",", ""), _HOW.get(found["sign"])) if found else None
