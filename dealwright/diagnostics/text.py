"""Diagnostics as people read them: ``playbook.yaml:33: roles.rep: There is no role 'srd'. Did you mean 'sdr'?``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

_LONGEST_PATH, _LONGEST_TEXT = 200, 500
"""Characters."""


def path_text(place: Iterable[str | int]) -> str:
    """A place as people read it: ``stages[2].plays[0].on``, cut off where it gets long."""
    text = ""
    for part in islice(place, _LONGEST_PATH):
        text += f"[{part}]" if isinstance(part, int) else f".{short(part)}" if text else short(part)
    return short(text, _LONGEST_PATH)


def sentences(problem: str, remedy: str) -> str:
    """A problem and its remedy, as two sentences."""
    return sentence(problem) + (f" {sentence(remedy)}" if remedy else "")


def short(text: str, longest: int = _LONGEST_TEXT) -> str:
    """A text that somebody else chose, cut off where it gets long."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def quoted(text: str) -> str:
    """A text as a diagnostic shows it: in quotes, and short however long it is."""
    longest = 60
    return repr(short(text, longest))


def sentence(text: str) -> str:
    """A text that begins large and ends with a full stop."""
    text = text.strip()
    return (text[:1].upper() + text[1:]) + ("" if text.endswith((".", "?", "!")) else ".")
