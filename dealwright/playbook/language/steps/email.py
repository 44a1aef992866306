"""``email: <template>``: a message to the deal's contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from dealwright import consent
from dealwright.contacts import in_roles
from dealwright.deal import Contact
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step
from dealwright.state import DealState


class EmailStep(Step):
    """Send a message to the deal's contact."""

    action: ClassVar[str] = "email"
    said: ClassVar[str] = "e-mail"
    makes: ClassVar[tuple[str, ...]] = ("email_sent",)
    is_touch: ClassVar[bool] = True
    reaches_out: ClassVar[bool] = True

    email: Word
    """Send this template to the deal's contact."""
    marketing: bool = True
    """Whether those who opted out are spared the message."""
    reply: bool = False
    """Goes out as a reply to the message sent before."""
    to: Word | None = None
    """The role in the buying committee that gets it; by default the deal's first contact who may get it."""
    owner: Word | None = None
    """The role that sends the message; by default the stage's owner."""

    @property
    @override
    def role(self) -> str | None:
        return self.owner

    @override
    def contact(self, state: DealState, only: str | None = None) -> Contact | None:
        return consent.expected_addressee(state, marketing=self.marketing, only=self.readers(state, only))

    @override
    def readers(self, state: DealState, only: str | None) -> tuple[str, ...] | None:
        if only is not None or self.to is None:
            return super().readers(state, only)
        return tuple(contact.id for contact in in_roles(state, (self.to,)))

    @override
    def references(self) -> Iterator[Reference]:
        if self.owner is not None:
            yield Reference("role", self.owner, "owner")
