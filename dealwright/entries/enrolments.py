"""Contacts in cadences that run in another tool."""

from __future__ import annotations

from typing import Literal

from dealwright.entries.base import EntryBase
from dealwright.values.recorded import AwareDatetime


class ContactEnrolled(EntryBase):
    """A contact is to go through a cadence of another tool. The enrolment has the id of the effect that begins it."""

    kind: Literal["contact_enrolled"] = "contact_enrolled"
    enrolment: str
    tool: str
    sequence: str
    """The cadence, as the tool names it."""
    contact: str
    """The contact, by id."""
    address: str
    """The address that the tool writes to, in its normal form."""
    run: str
    step: int
    beside: bool = False
    """Whether messages of ours may go to them meanwhile."""
    gates_next: bool = False
    """The play goes on only when the enrolment is over."""
    gates_until: AwareDatetime | None = None
    """When the play goes on though it is not."""

    def sentence(self) -> str:
        return f"Enrolled {self.contact} in {self.tool}/{self.sequence}"


class EnrolmentWaitEnded(EntryBase):
    """A play waits no longer for the end of an enrolment, which goes on."""

    kind: Literal["enrolment_wait_ended"] = "enrolment_wait_ended"
    enrolment: str
    run: str

    def sentence(self) -> str:
        return "The play goes on beside the enrolment"


class EnrolmentKept(EntryBase):
    """A contact was to be taken out of a cadence of another tool, and is not, as far as is known: they are in it still.

    It follows an ``enrolment_over``, and lasts until another one.
    """

    kind: Literal["enrolment_kept"] = "enrolment_kept"
    enrolment: str
    tool: str
    sequence: str
    contact: str
    address: str
    """The address that the tool writes to, in its normal form."""
    beside: bool = False
    """Whether messages of ours may go to them meanwhile."""
    stop: str
    """The effect that was to take them out."""
    why: str | None = None
    """Why it did not."""

    def sentence(self) -> str:
        told = f"{self.contact} is in {self.tool}/{self.sequence} still: nobody was taken out of it"
        return f"{told} ({self.why})" if self.why else told


class EnrolmentOver(EntryBase):
    """A contact is in a cadence of another tool no more, or is to be in it no more."""

    kind: Literal["enrolment_over"] = "enrolment_over"
    enrolment: str
    tool: str
    sequence: str
    contact: str
    how: Literal["finished", "replied", "bounced", "opted_out", "stopped", "failed", "called_off"] | str
    """``called_off``: we ended it."""
    why: str | None = None

    def sentence(self) -> str:
        told = f"{self.contact} is out of {self.tool}/{self.sequence}: {self.how.replace('_', ' ')}"
        return f"{told} ({self.why})" if self.why else told
