"""Every fact a deal can be told, one class each, and the registry that names the signals.

A fact happened outside, at a time, and is never changed. Its payload is read by ``decide``, not by the
workflow, so these models may grow stricter or richer on any day under running deals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from deals.deal import Account, Contact, Contract, Deal, Known, Meeting, Money, Proposal, Qualification
from deals.recorded import Day, Given, Moment, Name, Reference, Text

FACTS: dict[str, type[Fact]] = {}
"""Every fact by its name, in the order of a deal's life; the signals are generated from it."""

Percent = Annotated[Decimal, Field(ge=0, le=100)]


class Fact(Given):
    """Something that happened outside.

    ``id`` tells a repeated delivery from a second happening; without one a fact is accepted and not
    deduplicated. ``at`` is when it happened; without it the deal's time of receipt is taken.
    """

    name: ClassVar[str]
    variant_field: ClassVar[str | None] = None
    """The field whose value a playbook may ask for: ``reply_received: interested``."""

    id: Reference | None = None
    at: Moment | None = None
    by: Name | None = None
    source: Name | None = None
    """Which system reported it."""
    note: Text | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            FACTS[cls.name] = cls

    def learn(self, deal: Deal) -> Known | None:
        """What the deal knows more after this fact, as a patch; None when it only happened."""
        return None

    @property
    def variant(self) -> str | None:
        """The value of the variant field, as the playbook writes it."""
        value = getattr(self, self.variant_field) if self.variant_field else None
        return None if value is None else str(value)


class LeadQualified(Fact):
    """The lead is good enough, for marketing (``mql``) or for sales (``sql``)."""

    name = "lead_qualified"
    variant_field = "level"
    level: Literal["mql", "sql"]
    score: float | None = None

    def learn(self, deal: Deal) -> Known | None:
        return None if self.score is None else Known(score=self.score)


class AccountResearched(Fact):
    """Firmographics, technographics or a fit score became known."""

    name = "account_researched"
    account: Account | None = None
    score: float | None = None

    def learn(self, deal: Deal) -> Known | None:
        return Known(account=self.account, score=self.score)


class BuyingSignalSeen(Fact):
    """The account showed interest: a pricing page read, a job posted, a trial begun."""

    name = "buying_signal_seen"
    variant_field = "signal"
    signal: Name


class EmailOpened(Fact):
    """A message of ours was opened, as far as mail can tell."""

    name = "email_opened"
    touch: Name | None = None


class EmailBounced(Fact):
    """A message could not be delivered. A ``hard`` bounce ends e-mail to that contact."""

    name = "email_bounced"
    variant_field = "kind"
    kind: Literal["hard", "soft"] = "hard"
    contact: Name | None = None


class OptedOut(Fact):
    """A contact asked for no more marketing messages."""

    name = "opted_out"
    contact: Name | None = None


class ReplyReceived(Fact):
    """A contact replied; what the reply says is judged by whoever reports it."""

    name = "reply_received"
    variant_field = "sentiment"
    sentiment: Literal["interested", "not_interested", "out_of_office", "other"] = "other"
    contact: Name | None = None
    message_id: Name | None = None
    returns_on: Day | None = None
    """For ``out_of_office``: the first day the contact is back."""


class CallLogged(Fact):
    """Somebody called; ``result`` says how far they got."""

    name = "call_logged"
    variant_field = "result"
    result: Literal["connected", "voicemail", "no_answer"]


class MeetingBooked(Fact):
    """A first meeting stands in both calendars."""

    name = "meeting_booked"
    starts_at: Moment
    link: Name | None = None

    def learn(self, deal: Deal) -> Known | None:
        return Known(meeting=Meeting(starts_at=self.starts_at, link=self.link))


class DiscoveryHeld(Fact):
    """The discovery conversation took place."""

    name = "discovery_held"


class QualificationLearned(Fact):
    """Answers to BANT or MEDDIC questions; those not given stay as they were."""

    name = "qualification_learned"
    answers: Qualification

    def learn(self, deal: Deal) -> Known | None:
        old = deal.qualification or Qualification()
        new = {name: value for name, value in self.answers if value is not None}
        return Known(qualification=old.model_copy(update=new))


class ContactsLearned(Fact):
    """Stakeholders became known or changed; those with a known id replace the old entry."""

    name = "contacts_learned"
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1, max_length=50)]

    def learn(self, deal: Deal) -> Known | None:
        known = {contact.id: contact for contact in (*(deal.contacts or ()), *self.contacts)}
        return Known(contacts=tuple(known.values()))


class NotesLearned(Fact):
    """Pieces for a handoff, by name: ``use_case``, ``success_criteria``."""

    name = "notes_learned"
    notes: Annotated[dict[Name, Text], Field(min_length=1, max_length=50)]

    def learn(self, deal: Deal) -> Known | None:
        return Known(notes=dict(self.notes))


class NextStepAgreed(Fact):
    """Both sides agreed what happens next, and when."""

    name = "next_step_agreed"
    on: Day | None = None


class DemoBooked(Fact):
    """A demo stands in both calendars; a second one replaces the first (a reschedule)."""

    name = "demo_booked"
    starts_at: Moment
    link: Name | None = None

    def learn(self, deal: Deal) -> Known | None:
        return Known(demo=Meeting(starts_at=self.starts_at, link=self.link))


class _DemoEnded(Fact):
    """A demo came to one of its ends."""

    status: ClassVar[str]

    def learn(self, deal: Deal) -> Known | None:
        if deal.demo is None:
            return None
        return Known(demo=deal.demo.model_copy(update={"status": self.status}))


class DemoHeld(_DemoEnded):
    """The demo took place."""

    name = "demo_held"
    status = "held"


class DemoMissed(_DemoEnded):
    """The buyer did not come."""

    name = "demo_missed"
    status = "missed"


class DemoCancelled(_DemoEnded):
    """The demo was called off."""

    name = "demo_cancelled"
    status = "cancelled"


class ProposalSent(Fact):
    """A proposal went out to the buyer."""

    name = "proposal_sent"
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


class ContractSigned(Fact):
    """Both sides signed; the term runs from ``starts_on`` to ``ends_on``, both included."""

    name = "contract_signed"
    starts_on: Day
    ends_on: Day
    value: Money | None = None

    def learn(self, deal: Deal) -> Known | None:
        contract = Contract(starts_on=self.starts_on, ends_on=self.ends_on, value=self.value)
        return Known(contract=contract, amount=self.value)


class ContractAmended(Fact):
    """The running term ends on another day than was signed."""

    name = "contract_amended"
    ends_on: Day
    value: Money | None = None

    def learn(self, deal: Deal) -> Known | None:
        if deal.contract is None:
            return None
        changes: dict[str, object] = {"ends_on": self.ends_on}
        if self.value is not None:
            changes["value"] = self.value
        return Known(contract=deal.contract.model_copy(update=changes))


class ContractRenewed(ContractSigned):
    """The next term was signed."""

    name = "contract_renewed"


class ContractCancelled(Fact):
    """The customer will not renew, or left."""

    name = "contract_cancelled"
    reason: Text | None = None


class DealLost(Fact):
    """The buyer decided against us, or we gave up."""

    name = "deal_lost"
    reason: Text | None = None


class OnboardingStepDone(Fact):
    """A step of the customer's onboarding is behind them."""

    name = "onboarding_step_done"
    variant_field = "step"
    step: Name


class UsageReported(Fact):
    """How the customer is doing: ``health`` from 0 (leaving) to 100 (thriving)."""

    name = "usage_reported"
    health: Annotated[float, Field(ge=0, le=100)]

    def learn(self, deal: Deal) -> Known | None:
        return Known(health=self.health)


class CrmStageMoved(Fact):
    """Somebody moved the deal in the CRM. Dealwright is the only writer of stages: this is noted and shown."""

    name = "crm_stage_moved"
    variant_field = "stage"
    stage: Name


class CrmPropertiesChanged(Fact):
    """Properties of the deal changed in the CRM."""

    name = "crm_properties_changed"
    amount: Money | None = None
    title: Name | None = None
    properties: Annotated[dict[Name, Text], Field(max_length=100)] = {}

    def learn(self, deal: Deal) -> Known | None:
        return Known(amount=self.amount, title=self.title)


class NoteAdded(Fact):
    """Somebody wrote something down."""

    name = "note_added"
    text: Text


class TouchConfirmed(Fact):
    """A touch believed uncertain turned out to have been sent: its result arrived late."""

    name = "touch_confirmed"
    effect: Reference
