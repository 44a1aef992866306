"""How a deal and its record in a CRM keep together, as a playbook writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from dealwright.values.recorded import Given

_HEARD: dict[str, tuple[str, ...]] = {
    "emails": ("email_sent", "sms_sent", "reply_received"),
    "calls": ("call_logged",),
    "meetings": ("discovery_held", "meeting_held", "demo_held"),
    "notes": ("note_added",),
}
"""The facts and events by which each kind of activity comes about."""


class CrmRules(Given):
    """What the CRM is told of, and what becomes of a stage that somebody sets there."""

    log: tuple[Literal["emails", "calls", "meetings", "notes"], ...] = ()
    """What is logged in the deal's record: messages and replies, calls, meetings and demos held, notes."""
    stage_edits: Literal["check", "accept", "revert"] = "check"
    """When somebody moves the deal in the CRM: check lets it through where no hard gate holds it, accept always,
    revert never. Where it is not let through, the stage is put back there, and the owner is told what is missing."""

    def heard(self) -> Iterator[str]:
        """The facts and events that must be decided on when they come, since something follows in the CRM."""
        yield "crm_stage_moved"
        for kind in self.log:
            yield from _HEARD[kind]
