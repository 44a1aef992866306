"""Where the deal stands on its way."""

from __future__ import annotations

from typing import Literal

from dealwright.entries.base import EntryBase
from dealwright.values.recorded import AwareDatetime


class StageEntered(EntryBase):
    """A stage began."""

    kind: Literal["stage_entered"] = "stage_entered"
    stage: str
    visit: int
    why: str
    owner_role: str
    leaves_when: str
    """What it takes to leave, in words."""
    stalls_at: AwareDatetime
    marks: str | None = None
    """The outcome that entering this stage means, if any: ``won``."""
    since_at: AwareDatetime | None = None
    since_number: int | None = None
    """What happened from then on, told by later entries than this, counts for the visit."""

    def sentence(self) -> str:
        return f"Stage {self.stage} ({self.why})"


class StageLeft(EntryBase):
    """A stage ended."""

    kind: Literal["stage_left"] = "stage_left"
    stage: str
    why: str
    missing: tuple[str, ...] = ()
    """What the stage's gate asked for and was not there."""
    skipped_required: tuple[str, ...] = ()
    """Required actions that were not done: counted, not blocked."""
    left_at: AwareDatetime | None = None
    """When what led on happened; None where that is the entry's own time."""

    def sentence(self) -> str:
        lacking = [*self.missing, *self.skipped_required]
        return f"Left {self.stage}: {self.why}" + (f"; without {', '.join(lacking)}" if lacking else "")


class StageHeld(EntryBase):
    """The stage would be left, but its hard gate misses something."""

    kind: Literal["stage_held"] = "stage_held"
    missing: tuple[str, ...]

    def sentence(self) -> str:
        return f"Held by the gate: missing {', '.join(self.missing)}"


class Stalled(EntryBase):
    """Nothing moved the deal for longer than its stage allows."""

    kind: Literal["stalled"] = "stalled"
    stage: str
    role: str
    next_at: AwareDatetime

    def sentence(self) -> str:
        return f"Stalled in {self.stage}; {self.role} is told"
