"""Messages to a contact."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from dealwright.deal import Contact, Deal, Person
from dealwright.effect_base import EffectBase
from dealwright.values.recorded import Recorded


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


class SendEmail(EffectBase):
    """Send one message to one contact."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["send_email"] = "send_email"
    template: str
    bundle: str
    """The content hash of the playbook bundle that holds the template."""
    to: Contact
    sender: Person | None = None
    sender_role: str | None = None
    deal: Deal
    marketing: bool = True
    caps: tuple[Cap, ...] = ()
    reply_to_effect: str | None = None
    """The effect of the message to the same address that this one continues, for threading."""
    reply_to_message_id: str | None = None
    """The Message-ID of what the contact wrote in that conversation since; this message answers it."""
