"""What a check found: one line each for people, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. No secret is told."""

    level: Level
    about: str
    """What was looked at, in a few words: ``credentials``, ``subscription to deal.creation``."""
    says: str
    """How it is."""
    remedy: str = ""
    """What to do about it; empty where all is well."""
