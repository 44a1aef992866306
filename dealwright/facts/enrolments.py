"""What a tool that runs cadences tells of whom a deal has enrolled in one."""

from __future__ import annotations

from typing import Literal

from typing_extensions import override

from dealwright.facts.base import AboutPerson
from dealwright.facts.outreach import EmailBounced, OptedOut
from dealwright.values.recorded import Name, Reference

__all__ = ["EnrolmentAdvanced", "EnrolmentEnded"]


class EnrolmentAdvanced(AboutPerson):
    """A contact who is enrolled in a cadence of another tool has come to its next step."""

    name = "enrolment_advanced"
    always_decided = ends_plays_to_them_only = True
    enrolment: Reference
    """The effect id of the enrolment."""
    step: Name
    """The step that they are at now, as the tool counts or calls it."""


class EnrolmentEnded(AboutPerson):
    """A contact is enrolled in a cadence of another tool no more. Of an enrolment that is over, it is no news.

    ``finished``: they went through all of it. ``replied``: they answered. ``bounced``, ``opted_out``: it tells that as
    well. ``stopped``: somebody took them out there. ``failed``: the tool could not go on with them.
    """

    name = "enrolment_ended"
    always_decided = counts_after_the_end = ends_plays_to_them_only = True
    variant_field = "how"
    enrolment: Reference
    """The effect id of the enrolment."""
    how: Literal["finished", "replied", "bounced", "opted_out", "stopped", "failed"]

    @override
    def tells_also(self) -> EmailBounced | OptedOut | None:
        told = {"id": f"{self.id}/{self.how}" if self.id else None, "at": self.at, "source": self.source}
        match self.how:
            case "bounced":
                return EmailBounced.model_validate(told)
            case "opted_out":
                return OptedOut.model_validate(told)
            case _:
                return None
