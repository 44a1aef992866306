"""Who of a pool got a role."""

from __future__ import annotations

from typing import Literal

from dealwright.deal import Person
from dealwright.entries.base import EntryBase


class OwnerChosen(EntryBase):
    """Somebody of a pool holds a role now, or it was counted as theirs."""

    kind: Literal["owner_chosen"] = "owner_chosen"
    role: str
    person: Person
    pool: str
    effect: str
    """The effect that chose."""
    why: str | None = None
    """Why it is them, in words."""

    def sentence(self) -> str:
        return f"{self.person.name} is {self.role}, of {self.pool}" + (f": {self.why}" if self.why else "")


class OwnerCounted(EntryBase):
    """The deal counts among the open ones of whoever holds a role that a pool gave, or no longer."""

    kind: Literal["owner_counted"] = "owner_counted"
    role: str
    counts: bool

    def sentence(self) -> str:
        if self.counts:
            return f"The deal counts among the open ones of its {self.role} again"
        return f"The deal has gone beyond its {self.role}, and counts among their open ones no longer"
