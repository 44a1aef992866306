"""What proposals tell: sent, opened, answered, and discounts asked for."""

from __future__ import annotations

from typing import ClassVar

from deals.deal import Deal, Known, Money, Proposal
from deals.facts.base import Fact, Percent
from deals.recorded import Name, Text


class ProposalSent(Fact):
    """A proposal went out to the buyer."""

    name = "proposal_sent"
    offers: ClassVar[dict[str, str]] = {
        "proposal.discount": "discount",
        "proposal.amount": "amount",
        "deal.amount": "amount",
    }
    proposal_id: Name | None = None
    amount: Money | None = None
    link: Name | None = None
    discount: Percent | None = None

    def learn(self, deal: Deal) -> Known | None:
        proposal = Proposal(
            id=self.proposal_id,
            amount=self.amount,
            link=self.link,
            discount=self.discount,
            sent_at=self.at,
            status="sent",
        )
        return Known(proposal=proposal, amount=self.amount)


class _ProposalAnswered(Fact):
    """Something happened to the proposal on the table."""

    status: ClassVar[str]
    proposal_id: Name | None = None

    def learn(self, deal: Deal) -> Known | None:
        changes: dict[str, object] = {"status": self.status}
        if self.status == "opened":
            changes["opened_at"] = self.at
        return Known(proposal=(deal.proposal or Proposal()).model_copy(update=changes))


class ProposalOpened(_ProposalAnswered):
    """The buyer opened the proposal."""

    name = "proposal_opened"
    status = "opened"


class ProposalAccepted(_ProposalAnswered):
    """The buyer accepted the proposal; the contract is still to be signed."""

    name = "proposal_accepted"
    status = "accepted"


class ProposalDeclined(_ProposalAnswered):
    """The buyer declined the proposal."""

    name = "proposal_declined"
    status = "declined"
    reason: Text | None = None


class DiscountRequested(Fact):
    """Somebody wants to give a discount, in percent of the list price."""

    name = "discount_requested"
    percent: Percent
    reason: Text | None = None

    def learn(self, deal: Deal) -> Known | None:
        return Known(proposal=(deal.proposal or Proposal()).model_copy(update={"discount": self.percent}))
