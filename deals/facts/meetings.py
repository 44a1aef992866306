"""What meetings tell: booked and held, what was learned in them, and what was agreed."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from deals.deal import Contact, Deal, Known, Meeting, Qualification
from deals.facts.base import Fact
from deals.recorded import Day, Moment, Name, Text


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
