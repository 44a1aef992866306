"""Contacts whom a deal has in cadences of other tools."""

from __future__ import annotations

from dealwright.values.recorded import AwareDatetime, Recorded


class Enrolment(Recorded):
    """One contact in one cadence that runs in another tool, from when it is asked for until it is over."""

    id: str
    """The id of the effect that begins it."""
    tool: str
    sequence: str
    contact: str
    address: str
    run: str
    step: int | None = None
    since: AwareDatetime
    beside: bool = False
    """Whether messages of ours may go to them meanwhile."""
    gates_next: bool = False
    gates_until: AwareDatetime | None = None
    """When its play goes on though it is not over."""
    stop: str | None = None
    """The effect that was to take them out and has not: they are in it still, and no run of ours waits for its end."""

    @property
    def cadence(self) -> str:
        """As playbooks write it: ``outreach/first-touch``."""
        return f"{self.tool}/{self.sequence}"
