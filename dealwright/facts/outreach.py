"""What research and outreach tell: leads, signals, what became of messages, replies and calls."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from dealwright.deal import Account, Known
from dealwright.facts.base import Fact
from dealwright.values.addresses import bare
from dealwright.values.recorded import Day, Name, Number, Reference

Address = Annotated[Name, AfterValidator(bare)]
"""An e-mail address; a name beside it (``Ana Lopez <ana@buyer.example>``) is left out."""


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
    teaches = ("account", "score")
    account: Account | None = None
    score: Number | None = None

    def learn(self) -> Known | None:
        return Known(account=self.account, score=self.score, cleared=self.no_longer("account", "score"))


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


class EmailBounced(Fact):
    """A message could not be delivered. A ``hard`` bounce ends e-mail to the address that it was sent to.

    That is ``address``, or the one that ``touch`` went to, or the one that the contact was written to last.
    """

    name = "email_bounced"
    always_decided = counts_after_the_end = silences_for_all = True
    variant_field = "kind"
    names_a_person = True
    about_a_person = True
    kind: Literal["hard", "soft"] = "hard"
    contact: Name | None = None
    address: Address | None = None
    touch: Reference | None = None
    """The effect id of the message."""


class OptedOut(Fact):
    """A contact asked for no more marketing messages. An address that no contact has gets none either."""

    name = "opted_out"
    names_a_person = True
    about_a_person = True
    always_decided = counts_after_the_end = silences_for_all = True
    contact: Name | None = None
    address: Address | None = None


class ReplyReceived(Fact):
    """A contact replied; what the reply says is judged by whoever reports it."""

    name = "reply_received"
    always_decided = for_a_person = True
    variant_field = "sentiment"
    names_a_person = True
    sentiment: Literal["interested", "not_interested", "out_of_office", "other"] = "other"
    contact: Name | None = None
    address: Address | None = None
    message_id: Name | None = None
    returns_on: Day | None = None
    """For ``out_of_office``: the first day the contact is back."""

    @property
    def is_for_a_person(self) -> bool:
        """A machine that says that somebody is away calls for nobody."""
        return self.sentiment != "out_of_office"


class CallLogged(Fact):
    """Somebody called; ``result`` says how far they got."""

    name = "call_logged"
    variant_field = "result"
    result: Literal["connected", "voicemail", "no_answer"]
