"""Contacts in cadences that run in another tool."""

from __future__ import annotations

from typing import ClassVar, Literal

from dealwright.deal import Contact, Deal, Person
from dealwright.effect_base import EffectBase
from dealwright.effects.messages import Cap
from dealwright.values.addresses import normal


class EnrolContact(EffectBase):
    """Let one contact go through a cadence that runs in another tool."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["enrol_contact"] = "enrol_contact"
    enrolment: str
    """What the deal calls the enrolment: the effect's own id."""
    tool: str
    sequence: str
    """The cadence, as the tool names it."""
    to: Contact
    sender: Person | None = None
    """In whose name the tool writes, where that is known."""
    sender_role: str | None = None
    deal: Deal
    caps: tuple[Cap, ...] = ()

    @property
    def cadence(self) -> str:
        """As playbooks write it: ``outreach/42``."""
        return f"{self.tool}/{self.sequence}"

    @property
    def address(self) -> str:
        """The address that the tool writes to, in its normal form."""
        return normal(self.to.email) if self.to.email else ""


class StopEnrolment(EffectBase):
    """Take a contact out of a cadence that runs in another tool, if they are in it, or may be."""

    kind: Literal["stop_enrolment"] = "stop_enrolment"
    enrolment: str
    """The effect that enrolled them."""
    tool: str
    sequence: str
    address: str
    """The address that the tool writes to, in its normal form."""
    reason: str
    contact: str | None = None
    """Whom it takes out, by id; None where an earlier release asked for it."""
    beside: bool = False
    """Whether messages of ours may go to them as long as they are in it."""
