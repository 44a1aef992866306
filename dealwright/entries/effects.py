"""What was done outside, and what became of it."""

from __future__ import annotations

from typing import Literal

from dealwright.effects import Effect
from dealwright.entries.base import EntryBase
from dealwright.values.recorded import AwareDatetime


class EffectStarted(EntryBase):
    """An effect was given to its activity."""

    kind: Literal["effect_started"] = "effect_started"
    effect: str
    does: str
    """The effect's kind."""
    label: str
    run: str | None = None
    step: int | None = None
    again: bool = False
    """The same id is started once more, after a block of attempts that handed nothing over."""
    marketing: bool = False
    template: str | None = None
    contact: str | None = None
    """To whom a message goes, by id."""
    address: str | None = None
    """The address that it goes to, in its normal form."""
    channel: str | None = None
    """Of a message: ``email``."""
    touch_by: Literal["person", "machine"] | str | None = None
    """Of a message, who reaches the contact by it."""
    stage: str | None = None
    """Of a message, the stage that the deal was in."""
    play: str | None = None
    """Of a message, the play that sent it."""
    arms: dict[str, str] | None = None
    """The arm of each experiment that the deal was exposed to by then."""
    in_crm: dict[str, str] = {}
    """What it writes into the deal's record in the CRM, by part, as it is compared; empty where nothing is there."""

    def sentence(self) -> str:
        return f"{'Again: ' if self.again else ''}{self.label}"


class EffectSettled(EntryBase):
    """What became of an effect (see :class:`dealwright.effects.Outcome`)."""

    kind: Literal["effect_settled"] = "effect_settled"
    effect: str
    does: str
    status: str
    reason: str | None = None
    reference: str | None = None
    link: str | None = None
    """Of a document, where the buyer reads it, if its tool brings it to nobody."""
    label: str = ""
    again_at: AwareDatetime | None = None
    again: Effect | None = None
    """What to start again then."""
    held_for: str | None = None
    """The contact whose return it waits for."""

    def sentence(self) -> str:
        return f"{self.label or self.does}: {self.status.replace('_', ' ')}" + (
            f" ({self.reason})" if self.reason else ""
        )
