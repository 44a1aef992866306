"""Effects that send documents to the buyer, and take them back."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from dealwright.deal import Contact, Deal, Money, Person
from dealwright.effect_base import EffectBase
from dealwright.terms import Terms


class SendDocument(EffectBase):
    """Make a proposal or contract from an approved template, and send it. Its ``reference`` is the tool's id of it."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["send_document"] = "send_document"
    document: str
    """What the playbook calls it."""
    version: int
    """Which one of this document it is in the deal, from 1."""
    what: Literal["proposal", "contract"] | str
    tool: str
    template: str
    template_version: str
    terms: Terms
    amount: Money | None = None
    """What it costs, where that is one of its terms."""
    recurring: Money | None = None
    """What of it comes again each year, where that is one of its terms."""
    one_off: Money | None = None
    """What of it comes once, where that is one of its terms."""
    attachments: tuple[str, ...] = ()
    to: Contact
    sender: Person | None = None
    deal: Deal
    expires_after: timedelta | None = None


class WithdrawDocument(EffectBase):
    """Take a document back that was sent, or perhaps was. One that is no more to be accepted is left as it is."""

    kind: Literal["withdraw_document"] = "withdraw_document"
    document: str
    version: int
    tool: str
    what: Literal["proposal", "contract"] | str
    sending: str
    """The effect that sent it."""
    reference: str | None = None
    """What the tool calls it; None where it is not known whether it was sent: then the tool is asked."""
    reason: str
