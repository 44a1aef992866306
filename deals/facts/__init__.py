"""Every fact a deal can be told, one class each, and the registry that names the signals.

A fact happened outside, at a time, and is never changed. Its payload is read by ``decide``, not by the
workflow, so these models may grow stricter or richer on any day under running deals.
"""

from __future__ import annotations

from deals.facts import contracts, customers, meetings, offers, outreach
from deals.facts.base import TOLD, Fact, Percent
from deals.facts.contracts import ContractAmended, ContractCancelled, ContractRenewed, ContractSigned, DealLost
from deals.facts.customers import (
    CrmPropertiesChanged,
    CrmStageMoved,
    NoteAdded,
    OnboardingStepDone,
    TouchConfirmed,
    UsageReported,
)
from deals.facts.meetings import (
    ContactsLearned,
    DemoBooked,
    DemoCancelled,
    DemoHeld,
    DemoMissed,
    DiscoveryHeld,
    MeetingBooked,
    NextStepAgreed,
    NotesLearned,
    QualificationLearned,
)
from deals.facts.offers import DiscountRequested, ProposalAccepted, ProposalDeclined, ProposalOpened, ProposalSent
from deals.facts.outreach import (
    AccountResearched,
    BuyingSignalSeen,
    CallLogged,
    EmailBounced,
    EmailOpened,
    LeadQualified,
    OptedOut,
    ReplyReceived,
)

_BY_LIFE = [part.__name__ for part in (outreach, meetings, offers, contracts, customers)]
FACTS: dict[str, type[Fact]] = dict(sorted(TOLD.items(), key=lambda told: _BY_LIFE.index(told[1].__module__)))
"""Every fact by its name, in the order of a deal's life; the signals are generated from it."""

__all__ = [
    "FACTS",
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
    "LeadQualified",
    "MeetingBooked",
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
    "TouchConfirmed",
    "UsageReported",
]
