"""What customers and other systems tell later: onboarding, usage, notes, results that come late."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dealwright.deal import Known
from dealwright.facts.base import Fact
from dealwright.values.recorded import Name, Number, Reference, Text

__all__ = [
    "FactRetracted",
    "NoteAdded",
    "OnboardingStepDone",
    "TouchConfirmed",
    "UsageReported",
]


class OnboardingStepDone(Fact):
    """A step of the customer's onboarding is behind them."""

    name = "onboarding_step_done"
    variant_field = "step"
    step: Name


class UsageReported(Fact):
    """How the customer is doing: ``health`` from 0 (leaving) to 100 (thriving)."""

    name = "usage_reported"
    teaches = ("health",)
    health: Annotated[Number, Field(ge=0, le=100)]

    def learn(self) -> Known | None:
        return Known(health=self.health)


class NoteAdded(Fact):
    """Somebody wrote something down."""

    name = "note_added"
    text: Text


class TouchConfirmed(Fact):
    """A touch believed uncertain turned out to have been sent: its result arrived late."""

    name = "touch_confirmed"
    always_decided = True
    effect: Reference


class FactRetracted(Fact):
    """Something that was told is not so, or no longer: a cancellation taken back, a no-show that was none.

    What it stopped may begin again, what it started stops. A deal that it ended is open again.
    """

    name = "fact_retracted"
    variant_field = "retracts"
    always_decided = for_a_person = True
    retracts: Name
    """The fact's name: ``contract_cancelled``."""
    about: Name | None = None
    """Which demo, meeting, proposal or term it was about; without it, the one that the deal is about now."""
