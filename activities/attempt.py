"""The present attempt at an activity: its time on the deal's clock, and the workflow run that asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from temporalio import activity


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt at an activity.

    ``at`` is the deal's time: what Temporal reports to a normal activity stands on the deal's own clock, also on
    a skipped one, and is fresh at every retry.
    """

    at: datetime
    run: str

    @classmethod
    def current(cls) -> Self:
        """The attempt that is being made; only inside a normal (not a local) activity."""
        info = activity.info()
        return cls(at=info.started_time, run=info.workflow_run_id or "")
