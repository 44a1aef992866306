"""``sms: <template>, by: machine``: Dealwright itself sends a contact a text message."""

from __future__ import annotations

from typing import ClassVar, Literal

from typing_extensions import override

from dealwright import text_consent
from dealwright.deal import Contact
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.source.bundle import sms_template
from dealwright.state import DealState

BY_MACHINE = "sms by machine"
"""What tells such a step from one by which a person is asked to write."""


class SmsByMachine(MessageStep):
    """Send a text message to a contact who agreed to get some."""

    action: ClassVar[str] = "sms"
    said: ClassVar[str] = "text message"
    makes: ClassVar[tuple[str, ...]] = ("sms_sent",)

    sms: Word
    """Send this template (templates/<name>.sms.md) to a contact who allowed text messages."""
    by: Literal["machine"]
    """Dealwright sends it; without this, a person is asked to."""

    @property
    @override
    def template(self) -> str:
        return sms_template(self.sms)

    @property
    @override
    def is_marketing(self) -> bool:
        return True

    @override
    def addressee(self, state: DealState, only: str | None = None) -> Contact | str:
        return text_consent.addressee(state, self.readers(state, only))

    @override
    def contact(self, state: DealState, only: str | None = None) -> Contact | None:
        return text_consent.expected_addressee(state, self.readers(state, only))
