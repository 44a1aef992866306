"""``email: <template>``: a message to the deal's contact."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from dealwright import consent
from dealwright.deal import Contact
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.state import DealState


class EmailStep(MessageStep):
    """Send a message to the deal's contact."""

    action: ClassVar[str] = "email"
    said: ClassVar[str] = "e-mail"
    makes: ClassVar[tuple[str, ...]] = ("email_sent",)

    email: Word
    """Send this template to the deal's contact."""
    marketing: bool = True
    """Whether those who opted out are spared the message."""
    reply: bool = False
    """Goes out as a reply to the message sent before."""

    @property
    @override
    def template(self) -> str:
        return self.email

    @property
    @override
    def is_marketing(self) -> bool:
        return self.marketing

    @override
    def addressee(self, state: DealState, only: str | None = None) -> Contact | str:
        return consent.addressee(state, marketing=self.marketing, only=self.readers(state, only))

    @override
    def contact(self, state: DealState, only: str | None = None) -> Contact | None:
        return consent.expected_addressee(state, marketing=self.marketing, only=self.readers(state, only))
