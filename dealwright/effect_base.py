"""What every effect has: its id, its time, how it is called, and what follows when nobody wants it any more."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict

from dealwright.values.recorded import AwareDatetime, Recorded


class EffectBase(Recorded):
    """What every effect has."""

    ends_with_its_play: ClassVar[bool] = False
    """Whether nobody wants it any more once its play has stopped."""
    keeps_records: ClassVar[bool] = False
    """Whether it only writes down what is so anyway: nothing in the deal waits for it."""
    tells_people: ClassVar[bool] = False
    """Whether people are told by it: when it goes wrong, telling them so by another one could go on for ever."""

    leads_on: ClassVar[bool] = False
    """Whether its play goes on once it is known what became of it."""

    id: str
    at: AwareDatetime
    """When it was decided to start, in the deal's time."""
    summary: str
    """A verb and its object, for the Temporal UI. No personal data."""
    run: str | None = None
    step: int | None = None
    not_after: AwareDatetime | None = None
    """Handing over later than this (deal's time) is worse than not at all."""
    needs_decision: bool = False
    """Whether even an outcome as planned must be decided on, not just noted."""


class UnknownEffect(EffectBase):
    """An effect of a later release: kept, shown, and started by a worker that knows it."""

    model_config = ConfigDict(frozen=True, extra="allow")
    kind: str
