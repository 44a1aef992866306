"""How many segments a text message has: what a network carries, and bills, at a time (3GPP TS 23.038 and 23.040).

A text within the GSM alphabet has 160 characters in one segment, or 153 in each of several. One character outside it
makes the whole text UCS-2: 70, or 67 in each of several.
"""

from __future__ import annotations

MOST_SEGMENTS = 3
"""A longer text is no text message that anybody reads, and costs as many."""

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€\f")
"""Of the extension table: each takes the place of two."""


def segments(text: str) -> int:
    """How many segments a text has; an empty one has none."""
    if all(character in _GSM or character in _TWICE for character in text):
        return _of(len(text) + sum(character in _TWICE for character in text), 160, 153)
    return _of(len(text.encode("utf-16-le")) // 2, 70, 67)


def _of(length: int, alone: int, each: int) -> int:
    return min(length, 1) if length <= alone else -(-length // each)
