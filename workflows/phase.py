"""The phases of a run of a deal's workflow. Nothing steers the run but its phase, its state and what it was told."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """What a run is doing. From ``WAITING`` it goes to ``DECIDING`` and back; a failed decision parks it."""

    DECIDING = "deciding"
    """A decision is being made, or is made next. Commands wait for their verdicts."""
    WAITING = "waiting"
    """All is decided. The run sleeps until its time has come, or until something comes in that cannot wait."""
    PARKED = "parked"
    """The last decision failed. Only the time leads to the next attempt, whatever comes in, so that failing rules
    keep nobody busy. The attempt itself is part of this phase: no command waits for it."""
    DRAINING = "draining"
    """The run is about to end, as new or for good, and must not end under a command that waits for its verdict."""
    ENDED = "ended"
    """Nothing is left to be done."""

    @property
    def answers_at_once(self) -> bool:
        """Whether a command that has no verdict yet is told so, and not kept waiting."""
        return self in _ANSWERING_AT_ONCE


_ANSWERING_AT_ONCE = frozenset({Phase.PARKED, Phase.DRAINING, Phase.ENDED})
