"""Where a deal stands when something is made up for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeAlias

from dealwright.state import DealState

Payload: TypeAlias = dict[str, object]


@dataclass
class Situation:
    """Where a deal stands when something is made up for it."""

    random: Random
    now: datetime
    state: DealState

    @property
    def playbook(self) -> str:
        """The playbook that the deal follows; its next version counts as the same."""
        return (self.state.playbook or "").removesuffix("-next")

    def day(self, first: int, last: int) -> date:
        """A day so many days from now."""
        return self.now.date() + timedelta(days=self.random.randint(first, last))

    def moment(self, first: float, last: float) -> datetime:
        """A moment so many hours from now, on a quarter of an hour more often than not."""
        at = self.now + timedelta(hours=self.random.uniform(first, last))
        return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) if self.random.random() < 0.7 else at
