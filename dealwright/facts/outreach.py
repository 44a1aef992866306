"""What research and outreach tell: leads, signals, what became of messages, and calls. Replies stand in ``replies``."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator

from dealwright.deal import Account, Known
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.text import quoted
from dealwright.facts.base import AboutPerson, Fact, Fields
from dealwright.values.phone_numbers import e164
from dealwright.values.recorded import Name, Number, Reference

__all__ = [
    "AccountResearched",
    "BuyingSignalSeen",
    "CallLogged",
    "ChannelAllowed",
    "ChannelRefused",
    "EmailBounced",
    "EmailOpened",
    "LeadQualified",
    "OptedOut",
    "SmsUndelivered",
]


Channel: TypeAlias = Literal["call", "social", "sms", "post"]
"""How people reach contacts, beside e-mail."""
WRITTEN = frozenset({"social", "sms"})
"""Channels by which a contact is written to: whoever opted out of marketing is not."""


def _international(text: str) -> str:
    if e164(text) is None:
        raise BadValue(f"{quoted(text)} is no phone number in international form", "write one such as +49 170 1234567")
    return text


PhoneNumber = Annotated[Name, AfterValidator(_international)]


class LeadQualified(Fact):
    """The lead is good enough, for marketing (``mql``) or for sales (``sql``)."""

    name = "lead_qualified"
    variant_field = "level"
    teaches = ("score",)
    level: Literal["mql", "sql"]
    score: Number | None = None

    def learn(self) -> Known | None:
        return Known(score=self.score, cleared=self.no_longer("score"))


class AccountResearched(Fact):
    """Firmographics, technographics or a fit score became known."""

    name = "account_researched"
    teaches = ("account", "score", "fields")
    account: Account | None = None
    score: Number | None = None
    fields: Fields = {}
    """Values of fields that the playbook declares."""

    def learn(self) -> Known | None:
        cleared = self.no_longer("account", "score")
        return Known(account=self.account, score=self.score, fields=self.fields or None, cleared=cleared)


class BuyingSignalSeen(Fact):
    """The account showed interest: a pricing page read, a job posted, a trial begun."""

    name = "buying_signal_seen"
    variant_field = "signal"
    declared_as = "signal"
    signal: Name


class EmailOpened(Fact):
    """A message of ours was opened, as far as mail can tell."""

    name = "email_opened"
    touch: Name | None = None


class EmailBounced(AboutPerson):
    """A message could not be delivered. A ``hard`` bounce ends e-mail to the address that it was sent to.

    That is ``address``, or the one that ``touch`` went to, or the one that the contact was written to last.
    """

    name = "email_bounced"
    always_decided = counts_after_the_end = silences_for_all = True
    ends_plays_to_them_only = about_an_address = True
    variant_field = "kind"
    kind: Literal["hard", "soft"] = "hard"
    touch: Reference | None = None
    """The effect id of the message."""

    @classmethod
    def ends_all_mail(cls, variant: str | None) -> bool:
        return variant != "soft"

    @classmethod
    def silences(cls, variant: str | None) -> str | None:
        return "the address bounced" if cls.ends_all_mail(variant) else None


class SmsUndelivered(AboutPerson):
    """A text message could not be delivered. A ``hard`` failure ends text messages to the number that it was sent to.

    That is ``address``, or the one that ``touch`` went to. A phone that is off, or a filter of the network, is
    ``soft``.
    """

    name = "sms_undelivered"
    always_decided = counts_after_the_end = silences_for_all = True
    ends_plays_to_them_only = about_an_address = True
    variant_field = "kind"
    address: PhoneNumber | None = None
    """The phone number, in international form."""
    kind: Literal["hard", "soft"] = "hard"
    touch: Reference | None = None
    """The effect id of the message."""

    @classmethod
    def ends_all_mail(cls, variant: str | None) -> bool:
        return variant != "soft"

    @classmethod
    def silences(cls, variant: str | None) -> str | None:
        return "text messages to the number do not arrive" if cls.ends_all_mail(variant) else None


class OptedOut(AboutPerson):
    """A contact asked for no more marketing messages. An address that no contact has gets none either."""

    name = "opted_out"
    always_decided = counts_after_the_end = silences_for_all = ends_plays_to_them_only = True

    @classmethod
    def silences(cls, variant: str | None) -> str | None:  # noqa: ARG003 - it has none
        return "opted out"


class ChannelRefused(AboutPerson):
    """A contact does not want to be reached by a channel; e-mail has a fact of its own, ``opted_out``."""

    name = "channel_refused"
    always_decided = True
    variant_field = "channel"
    channel: Channel
    """The channel: ``call``, ``social``, ``sms``, ``post``."""


class ChannelAllowed(AboutPerson):
    """A contact agreed to be reached by a channel, or does so again."""

    name = "channel_allowed"
    always_decided = True
    variant_field = "channel"
    channel: Channel
    """The channel: ``call``, ``social``, ``sms``, ``post``."""


class CallLogged(Fact):
    """Somebody called; ``result`` says how far they got."""

    name = "call_logged"
    variant_field = "result"
    result: Literal["connected", "voicemail", "no_answer"]
    direction: Literal["in", "out"] = "out"
    """``in``: the buyer called. It is no touch of ours then. What they called for in vain is a reply."""
    contact: Name | None = None
    """Whom we called, or who called us, by id. Where nobody is named, it is whoever messages go to."""
    address: Name | None = None
    """The same by phone number or e-mail address."""
