"""The documents that a deal has put to the buyer."""

from __future__ import annotations

from typing import Literal

from dealwright.terms import Terms
from dealwright.values.recorded import AwareDatetime, Recorded

LIVE = frozenset({"sending", "out", "unsure", "kept"})
"""How a document stands that the buyer has, may have or will have."""


class Document(Recorded):
    """One version of a document."""

    name: str
    version: int
    effect: str
    """The effect that sends it."""
    what: str
    tool: str
    terms: Terms
    contact: str
    standing: Literal["sending", "out", "unsure", "withdrawing", "withdrawn", "kept", "over"] | str = "sending"
    """``kept``: it was to be taken back, and the tool refused that: the buyer has it still. ``over``: the buyer has
    answered, it has expired, or it was never taken."""
    reference: str | None = None
    """What the tool calls it."""
    link: str | None = None
    """Where the buyer reads it, if the tool brings it to nobody: the deal's own message does."""
    started_at: AwareDatetime | None = None
    """When its sending was begun last: its terms were the deal's then."""
    told: Literal["sent", "withdrawn"] | str | None = None
    """What of it the deal has taken in as a fact."""
    recalled: str | None = None
    """Why it is no longer offered; None while it is."""
    replaced: bool = False
    """Whether another version follows once it is withdrawn."""

    taken_back: int = 0
    """How often it was taken back in vain: it turned out to be with the buyer all the same, or the tool refused it. No
    id of a withdrawal is used twice."""

    @property
    def withdrawal(self) -> str:
        """The id of the effect that takes it back."""
        head, _, occurrence = self.effect.rpartition("/")
        again = str(self.taken_back + 1) if self.taken_back else ""
        return f"{head}.withdrawn{again}/{occurrence}"

    @property
    def is_live(self) -> bool:
        """Whether the buyer has it, may have it or will have it."""
        return self.standing in LIVE
