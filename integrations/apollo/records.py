"""Apollo's records, as far as they are read. Named as in its OpenAPI description (https://docs.apollo.io/reference)."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

OVER = frozenset({"finished"})
"""Of a contact's status in a sequence: nothing is sent any more."""

RESOLVED = frozenset({"completed", "skipped", "archived"})
"""Of a task: nobody is to do it any more."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Status(_Model):
    """How one contact stands in one sequence (``contact_campaign_statuses``)."""

    id: str
    emailer_campaign_id: str
    status: str | None = None
    inactive_reason: str | None = None
    """``replied``, ``Completed last step``, ``manually finished``, ``Sequence inactive``."""
    failure_reason: str | None = None
    added_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    current_step_position: int | None = None

    @property
    def mark(self) -> str:
        """What tells one enrolment of a contact in a sequence from the next."""
        return f"{self.id}@{self.added_at.isoformat() if self.added_at else ''}"


class Contact(_Model):
    """A person whom the team has saved."""

    id: str
    email: str | None = None
    email_unsubscribed: bool | None = None
    contact_campaign_statuses: list[Status] | None = None

    def standing(self, sequence: str) -> list[Status]:
        """How they stand in a sequence; nothing where they are not in it."""
        return [one for one in self.contact_campaign_statuses or [] if one.emailer_campaign_id == sequence]


class Happened(_Model):
    """One event of a contact's timeline in sequences."""

    type: str
    """``enrolled``, ``paused``, ``resumed``, ``failed``, ``completed``, ``removed``, ``replied``."""
    occurred_at: AwareDatetime
    sequence_id: str | None = None


class Task(_Model):
    """Something that somebody of the team is to do."""

    id: str
    status: str | None = None
    """``scheduled``, ``completed``, ``skipped``."""
    note: str | None = None
    note_text: str | None = None
    due_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    skipped_at: AwareDatetime | None = None
    deleted: bool | None = None
    """True of one that is not there any more."""

    @property
    def is_open(self) -> bool:
        """Whether somebody is to do it still."""
        return not self.deleted and self.status not in RESOLVED

    @property
    def text(self) -> str:
        """What is to be done, and what people have added."""
        return self.note or self.note_text or ""


class OneTask(_Model):
    """An answer about one task."""

    task: Task


class Tasks(_Model):
    """A page of the team's tasks."""

    tasks: list[Task] = []


class OneContact(_Model):
    """An answer about one contact."""

    contact: Contact


class Contacts(_Model):
    """An answer with contacts, and those whom Apollo left out, each with why."""

    contacts: list[Contact] = []
    skipped_contact_ids: dict[str, str] | list[str] | None = None

    def why_not(self, contact: str) -> str:
        """Why Apollo left a contact out."""
        skipped = self.skipped_contact_ids
        return skipped.get(contact, "it does not say why") if isinstance(skipped, dict) else "it does not say why"


class Feed(_Model):
    """A contact's timeline, the newest first, at most fifty events."""

    events: list[Happened] = []


def place(contact: str, sequence: str) -> str:
    """Who is in which sequence, in Apollo's ids."""
    return f"{contact}/{sequence}"
