"""``enrol: <tool>/<sequence>``: a contact goes through a cadence that runs in another tool."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import AfterValidator, WithJsonSchema
from typing_extensions import override

from dealwright import consent
from dealwright.contacts import in_roles
from dealwright.deal import Contact
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step
from dealwright.playbook.language.steps.work import Wait
from dealwright.state import DealState

_CADENCE = "^[a-z][a-z0-9_]{0,59}/[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


def _of_a_tool(text: str) -> str:
    if not re.fullmatch(_CADENCE, text):
        remedy = "write the tool and the sequence as that tool names it, such as outreach/42"
        raise BadValue(f"{text!r} names no cadence of a tool", remedy)
    return text


Cadence = Annotated[str, AfterValidator(_of_a_tool), WithJsonSchema({"type": "string", "pattern": _CADENCE})]


class EnrolStep(Step):
    """Let a contact go through a cadence that runs in another tool. Those who opted out are spared it."""

    action: ClassVar[str] = "enrol"
    said: ClassVar[str] = "enrolment in"
    is_touch: ClassVar[bool] = True
    reaches_out: ClassVar[bool] = True
    is_marketing: ClassVar[bool] = True

    enrol: Cadence
    """The tool, and its cadence by the id or name that the tool has for it: outreach/42."""
    to: Word | None = None
    """The role in the buying committee that is enrolled; by default the deal's first contact who may be written to."""
    owner: Word | None = None
    """The role in whose name the tool writes; by default the stage's owner."""
    wait: Wait = True
    """Whether the next step is reckoned from the end of the cadence; with a delay, at the latest from its end."""
    beside: bool = False
    """Whether messages of this deal may go to the contact meanwhile; else they wait until the cadence is over."""

    @property
    def tool(self) -> str:
        """The tool that runs the cadence."""
        return self.enrol.partition("/")[0]

    @property
    def sequence(self) -> str:
        """The cadence, as the tool names it."""
        return self.enrol.partition("/")[2]

    def addressee(self, state: DealState, only: str | None = None) -> Contact | str:
        """Who is enrolled as things stand, or why nobody; ``only`` is the contact whom its play runs for."""
        return consent.addressee(state, marketing=True, only=self.readers(state, only))

    @property
    @override
    def role(self) -> str | None:
        return self.owner

    @override
    def contact(self, state: DealState, only: str | None = None) -> Contact | None:
        return consent.expected_addressee(state, marketing=True, only=self.readers(state, only))

    @override
    def readers(self, state: DealState, only: str | None) -> tuple[str, ...] | None:
        if only is not None or self.to is None:
            return super().readers(state, only)
        return tuple(contact.id for contact in in_roles(state, (self.to,)))

    @override
    def references(self) -> Iterator[Reference]:
        if self.owner is not None:
            yield Reference("role", self.owner, "owner")
