"""What is written down in the CRM."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, TypeAlias

from dealwright.deal import Account, Contact, Money, Person
from dealwright.effect_base import EffectBase
from dealwright.values.recorded import AwareDatetime

CrmPart: TypeAlias = Literal["stage", "outcome", "amount", "title", "close_on", "owner", "account", "contacts"]
"""A part of the deal's record in a CRM that is written, and told, by itself."""


class UpdateCrm(EffectBase):
    """Bring the deal's record in the CRM up to date.

    It says how the whole record is to be; ``parts`` says what of it changed, so that nothing else is overwritten
    there. Of two that meet, the one with the later ``at`` holds.
    """

    keeps_records: ClassVar[bool] = True
    kind: Literal["update_crm"] = "update_crm"
    parts: tuple[CrmPart | str, ...] | None = None
    """What is to be written; None means everything that is given."""
    stage: str
    outcome: str | None = None
    reason: str | None = None
    """Why the deal ended; it belongs to the outcome."""
    amount: Money | None = None
    title: str | None = None
    close_on: date | None = None
    """The day on which the deal is expected to close."""
    owner_role: str | None = None
    """The role that has the deal now."""
    owners: dict[str, Person] = {}
    """Who holds each role, as far as that is known."""
    account: Account | None = None
    """Given when it is one of the parts; likewise the contacts."""
    contacts: tuple[Contact, ...] | None = None
    note: str | None = None

    @property
    def owner(self) -> Person | None:
        """Who has the deal now; None where nobody is known."""
        return self.owners.get(self.owner_role or "")

    def writes(self, part: CrmPart) -> bool:
        """Whether a part of the record is to be written. Written and None, it is to be emptied."""
        return part in self.parts if self.parts is not None else getattr(self, part) is not None


class LogActivity(EffectBase):
    """Log in the CRM what was done with the buyer: a message, a call, a meeting, a note."""

    keeps_records: ClassVar[bool] = True
    kind: Literal["log_activity"] = "log_activity"
    what: Literal["email", "call", "meeting", "note"] | str
    happened_at: AwareDatetime
    direction: Literal["in", "out"] | str | None = None
    """Whether the buyer wrote or called, or we did; None where neither is known, or it was both."""
    subject: str | None = None
    text: str | None = None
    contact: Contact | None = None
    """With whom on the buying side, where that is known."""
    owner: Person | None = None
    """Who it was on the selling side, else who has the deal."""
    result: str | None = None
    """How far a call got: ``connected``, ``voicemail``, ``no_answer``."""
    channel: str | None = None
    """How a reply came, if not by e-mail: ``sms``, ``chat``."""
    reference: str | None = None
    """What it is called where it happened: a Message-ID, a calendar's id."""
    source: str | None = None
    """The system that told of it: one that is the CRM itself has it already."""
