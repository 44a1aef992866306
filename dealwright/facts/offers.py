"""What proposals tell: sent, opened, answered, and discounts asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dealwright.deal import Known, Money, Proposal
from dealwright.facts.base import AboutThing, Percent
from dealwright.values.recorded import Name, Text

__all__ = [
    "DiscountRequested",
    "ProposalAccepted",
    "ProposalDeclined",
    "ProposalOpened",
    "ProposalSent",
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
    dates = ("proposal.opened_at",)

    def says(self) -> Iterator[tuple[str, object]]:
        yield "opened_at", self.at


class ProposalAccepted(_AboutProposal):
    """The buyer accepted the proposal; the contract is still to be signed."""

    name, turn, status = "proposal_accepted", "goes_well", "accepted"
    for_a_person = True


class ProposalDeclined(_AboutProposal):
    """The buyer declined the proposal."""

    name, turn, status = "proposal_declined", "goes_badly", "declined"
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
