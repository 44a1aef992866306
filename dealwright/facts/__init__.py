"""Every fact a deal can be told, one class each, and the registry that names the signals.

A fact happened outside, at a time, and is never changed. Its payload is read by ``decide``, not by the
workflow, so these models may grow stricter or richer on any day under running deals.
"""

from __future__ import annotations

from dealwright.facts import contracts, customers, knowledge, meetings, offers, outreach
from dealwright.facts.base import TOLD, AboutThing, Fact, Percent, Thing, Turn
from dealwright.facts.contracts import ContractAmended, ContractCancelled, ContractRenewed, ContractSigned, DealLost
from dealwright.facts.customers import (
    CrmPropertiesChanged,
    CrmStageMoved,
    FactRetracted,
    NoteAdded,
    OnboardingStepDone,
    TouchConfirmed,
    UsageReported,
)
from dealwright.facts.knowledge import ContactsLearned, NotesLearned, QualificationLearned
from dealwright.facts.meetings import (
    DemoBooked,
    DemoCancelled,
    DemoHeld,
    DemoMissed,
    DiscoveryHeld,
    MeetingBooked,
    MeetingCancelled,
    MeetingHeld,
    MeetingMissed,
    NextStepAgreed,
)
from dealwright.facts.offers import DiscountRequested, ProposalAccepted, ProposalDeclined, ProposalOpened, ProposalSent
from dealwright.facts.outreach import (
    AccountResearched,
    BuyingSignalSeen,
    CallLogged,
    EmailBounced,
    EmailOpened,
    LeadQualified,
    OptedOut,
    ReplyReceived,
)

_BY_LIFE = [part.__name__ for part in (outreach, meetings, knowledge, offers, contracts, customers)]
FACTS: dict[str, type[Fact]] = dict(sorted(TOLD.items(), key=lambda told: _BY_LIFE.index(told[1].__module__)))
"""Every fact by its name, in the order of a deal's life; the signals are generated from it."""

__all__ = [
    "FACTS",
    "AboutThing",
    "AccountResearched",
    "BuyingSignalSeen",
    "CallLogged",
    "ContactsLearned",
    "ContractAmended",
    "ContractCancelled",
    "ContractRenewed",
    "ContractSigned",
    "CrmPropertiesChanged",
    "CrmStageMoved",
    "DealLost",
    "DemoBooked",
    "DemoCancelled",
    "DemoHeld",
    "DemoMissed",
    "DiscountRequested",
    "DiscoveryHeld",
    "EmailBounced",
    "EmailOpened",
    "Fact",
    "FactRetracted",
    "LeadQualified",
    "MeetingBooked",
    "MeetingCancelled",
    "MeetingHeld",
    "MeetingMissed",
    "NextStepAgreed",
    "NoteAdded",
    "NotesLearned",
    "OnboardingStepDone",
    "OptedOut",
    "Percent",
    "ProposalAccepted",
    "ProposalDeclined",
    "ProposalOpened",
    "ProposalSent",
    "QualificationLearned",
    "ReplyReceived",
    "Thing",
    "TouchConfirmed",
    "Turn",
    "UsageReported",
]
