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
