"""The mark by which an activity, a note or a call log of ours is known: none of them has a field for a key."""

from __future__ import annotations

import re
from hashlib import sha256

TASK = "task"
_MARK = re.compile(r"\bdw:([0-9a-f]{24})\b")


def mark_of(id_: str) -> str:
    """The mark of an effect or a task: a hash, since ids have any text, and Pipedrive cleans up HTML."""
    return sha256(id_.encode()).hexdigest()[:24]


def marked(html: str, id_: str) -> str:
    """An HTML text with the mark at its end."""
    return f"{html}<br>dw:{mark_of(id_)}" if html else f"dw:{mark_of(id_)}"


def mark_in(text: str | None) -> str | None:
    """The mark that a text has; the last one, since what stands before may quote another text."""
    found = _MARK.findall(text or "")
    return found[-1] if found else None


def task_object(mark: str) -> str:
    """The name under which the mirror keeps which task a mark stands for, as ``TASK``."""
    return f"task:{mark}"
