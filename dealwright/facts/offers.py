"""What proposals tell: sent, opened, answered, and discounts asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from dealwright.deal import Known, Money, Proposal
from dealwright.facts.base import AboutThing, Address, Percent
from dealwright.values.recorded import Name, Text

__all__ = [
    "DiscountRequested",
    "ProposalAccepted",
    "ProposalDeclined",
    "ProposalExpired",
    "ProposalForwarded",
    "ProposalOpened",
    "ProposalSent",
    "ProposalSigned",
    "ProposalWithdrawn",
]


class _AboutProposal(AboutThing):
    thing = "proposal"
    teaches: ClassVar[tuple[str, ...]] = ("proposal",)
    proposal: Name | None = None
    """Which proposal, as the tool that made it calls it."""
    proposal_id: Name | None = None
    """The same under its older name."""

    @property
    def named(self) -> str | None:
        return self.proposal or self.proposal_id


class ProposalSent(_AboutProposal):
    """A proposal went out to the buyer; what is not given stays as it was agreed before."""

    name, turn, status = "proposal_sent", "begins", "sent"
    teaches = ("proposal", "amount")
    dates = ("proposal.sent_at",)
    offers: ClassVar[dict[str, str]] = {
        "proposal.discount": "discount",
        "proposal.amount": "amount",
        "deal.amount": "amount",
    }
    amount: Money | None = None
    link: Name | None = None
    discount: Percent | None = None
    list_price: Money | None = None
    """What it would cost without a discount."""
    recurring: Money | None = None
    """What of the amount comes again each year."""
    one_off: Money | None = None
    """What of the amount comes once."""
    template: Name | None = None
    """What the proposal was made from, with its version."""

    def says(self) -> Iterator[tuple[str, object]]:
        yield "sent_at", self.at
        for field in ("amount", "link", "discount", "list_price", "recurring", "one_off", "template"):
            if field in self.model_fields_set:
                yield field, getattr(self, field)

    def learn(self) -> Known | None:
        offered = Proposal(
            id=self.named, amount=self.amount, link=self.link, discount=self.discount, list_price=self.list_price,
            recurring=self.recurring, one_off=self.one_off, template=self.template,
        )  # fmt: skip
        return Known(proposal=offered, amount=self.amount)


class ProposalOpened(_AboutProposal):
    """The buyer opened the proposal."""

    name, turn, status = "proposal_opened", "goes_on", "opened"
    variant_field = "section"
    dates = ("proposal.opened_at",)
    section: Name | None = None
    """Which part of it was looked at, where the tool tells."""
    contact: Name | None = None
    address: Address | None = None
    """Who opened it, as far as the tool knows."""

    def says(self) -> Iterator[tuple[str, object]]:
        yield "opened_at", self.at


class ProposalAccepted(_AboutProposal):
    """The buyer accepted the proposal; the contract is still to be signed."""

    name, turn, status = "proposal_accepted", "goes_well", "accepted"
    for_a_person = True


class ProposalForwarded(_AboutProposal):
    """Somebody on the buying side passed the proposal on to a colleague."""

    name, turn = "proposal_forwarded", "goes_on"
    contact: Name | None = None
    address: Address | None = None
    """Who passed it on, as far as the tool knows."""
    to: Address | None = None
    """Whom it was passed on to."""


class ProposalSigned(_AboutProposal):
    """One of several has signed the proposal; it is accepted once all have."""

    name, turn = "proposal_signed", "goes_on"
    contact: Name | None = None
    address: Address | None = None


class ProposalDeclined(_AboutProposal):
    """The buyer declined the proposal."""

    name, turn, status = "proposal_declined", "goes_badly", "declined"
    reason: Text | None = None
    contact: Name | None = None
    address: Address | None = None


class ProposalExpired(_AboutProposal):
    """The proposal's time is over: nobody can accept it any more."""

    name, turn, status = "proposal_expired", "goes_badly", "expired"


class ProposalWithdrawn(_AboutProposal):
    """The proposal was taken back by our side."""

    name, turn, status = "proposal_withdrawn", "goes_badly", "withdrawn"
    variant_field = "how"
    how: Literal["voided", "replaced"] = "voided"
    """``replaced``: another version follows."""
    reason: Text | None = None


class DiscountRequested(_AboutProposal):
    """Somebody wants to give a discount, in percent of the list price."""

    name, turn = "discount_requested", "goes_on"
    percent: Percent
    reason: Text | None = None

    def says(self) -> Iterator[tuple[str, object]]:
        yield "discount", self.percent

    def learn(self) -> Known | None:
        return Known(proposal=Proposal(discount=self.percent))
