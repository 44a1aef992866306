"""What a happening may have beyond its kind and name."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict


class RunOf(TypedDict, total=False):
    """Which play did it, and for what and whom it ran."""

    play: str | None
    about: str | None
    contact: str | None


class StepOf(RunOf, total=False):
    """Which step of which play did it."""

    step: int | None


class Parts(StepOf, total=False):
    """What a happening may have beyond its kind and name."""

    to: str | None
    text: str
    marketing: bool
    asks: tuple[str, ...]
    due_at: datetime | None
    again: bool
