"""One recorded life of a deal: what it was told and when, and what a workflow without rules does through it.

Times are durations since the deal was opened, in the deal's own time: lives that begin at the same hour of the
same virtual day then run alike.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dealwright.deal import Deal
from dealwright.effects import Effect
from dealwright.values.recorded import Recorded


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Message(_Frozen):
    """A fact or a command, as it was sent."""

    after: timedelta
    how: Literal["signal", "update"]
    name: str
    payload: str
    """JSON."""


class PlanStep(_Frozen):
    """What is done at one moment, and the wait that follows."""

    rounds: tuple[tuple[Effect, ...], ...]
    """Effects; those of one round at the same time, a round after the one before is done."""
    until_heard: int | None = None
    """The wait ends when this many facts and commands have come; None: no fact or command ends it."""
    wake_after: timedelta | None = None
    """The wait ends then, if nothing ended it before; None: time does not end it."""
    summary: str = ""
    """What people read beside the timer."""


class Life(_Frozen):
    """A whole life."""

    deal: Deal
    opened_at: datetime
    messages: tuple[Message, ...]
    plan: tuple[PlanStep, ...] = ()

    @property
    def effects(self) -> list[str]:
        """The kinds of all effects, in the order in which they were started."""
        return [effect.kind for stretch in self.plan for together in stretch.rounds for effect in together]

    def under(self, deal_id: str) -> Life:
        """The same life of a deal with another id."""
        return Life.model_validate_json(self.model_dump_json().replace(self.deal.id, deal_id))

    @classmethod
    def read(cls, file: Path) -> Life:
        """Read what :meth:`write` wrote."""
        return cls.model_validate_json(file.read_bytes())

    def write(self, file: Path) -> None:
        """Write the life down for another process."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.model_dump_json(exclude_none=True))


class BareRequest(Recorded):
    """What an activity of the bare workflow is given: one effect to hand over."""

    deal_id: str
    effect: Effect
