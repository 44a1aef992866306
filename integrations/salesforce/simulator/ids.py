"""Ids of records: 15 characters that tell upper from lower case, and three that make up for readers who do not."""

from __future__ import annotations

import string

_LETTERS = string.ascii_uppercase + "012345"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def record_id(prefix: str, number: int) -> str:
    """The id of the ``number``-th record of an object, in its form of 18 characters."""
    body = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        body = _DIGITS[rest] + body
    short = prefix + "5f0" + body.rjust(9, "0")
    return short + case_suffix(short)


def case_suffix(short: str) -> str:
    """The last three characters: which of the 15 are capitals, five to a character."""
    fives = [short[start : start + 5] for start in (0, 5, 10)]
    return "".join(_LETTERS[sum(1 << bit for bit, char in enumerate(five) if char.isupper())] for five in fives)


def full_id(value: str) -> str | None:
    """An id of 15 or 18 characters in its long form; None for what is no id."""
    if len(value) not in (15, 18) or not value.isalnum() or not value.isascii():
        return None
    return value[:15] + case_suffix(value[:15])
