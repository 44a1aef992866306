"""Messages to a contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import ClassVar, Literal

from typing_extensions import override

from dealwright.deal import Contact, Deal, Person
from dealwright.effect_base import EffectBase
from dealwright.values.addresses import normal
from dealwright.values.phone_numbers import e164
from dealwright.values.recorded import AwareDatetime, Recorded


class Cap(Recorded):
    """At most ``most`` touches within any ``per``, counted for one contact, account, rep or mailbox over all deals.

    A channel (``call``, ``sms``) as scope counts the touches of one contact by that channel.
    """

    scope: Literal["contact", "account", "rep", "mailbox", "call", "social", "sms", "post"] | str
    key: str
    per: timedelta
    most: int
    counts: bool = True
    """Whether the touch itself counts; else it only waits for what others have made count."""


class Message(EffectBase):
    """What messages of all ways have in common: Dealwright itself writes to one contact."""

    ends_with_its_play: ClassVar[bool] = True
    channel: ClassVar[str]
    """The way that it goes."""

    template: str
    bundle: str
    """The content hash of the playbook bundle that holds the template."""
    to: Contact
    sender: Person | None = None
    sender_role: str | None = None
    deal: Deal
    marketing: bool = True
    caps: tuple[Cap, ...] = ()

    @property
    def address(self) -> str | None:
        """Where it goes, in the normal form; None when the contact has no such address."""
        raise NotImplementedError


class SendEmail(Message):
    """Send one message to one contact."""

    channel: ClassVar[str] = "email"
    kind: Literal["send_email"] = "send_email"
    reply_to_effect: str | None = None
    """The effect of the message to the same address that this one continues, for threading."""
    reply_to_message_id: str | None = None
    """The Message-ID of what the contact wrote in that conversation since; this message answers it."""

    @property
    @override
    def address(self) -> str | None:
        return normal(self.to.email) if self.to.email else None


class SendSms(Message):
    """Send one text message to one contact."""

    channel: ClassVar[str] = "sms"
    kind: Literal["send_sms"] = "send_sms"
    first: bool = False
    """Whether it is the deal's first to that number: then it says how to get no more."""
    allowed_at: AwareDatetime | None = None
    """When the deal was told last that the contact may be texted: a refusal in another deal since then holds."""

    @property
    @override
    def address(self) -> str | None:
        return e164(self.to.phone)


SENT: Mapping[str, str] = MappingProxyType({"send_email": "email_sent", "send_sms": "sms_sent"})
"""The kinds of messages, each with the event that one of them went out."""
