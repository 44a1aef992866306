"""What a simulated Apollo team holds, and how Apollo shows it."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]
STEPS = 4
"""Steps of each sequence."""
SEQUENCES = ["66e9e215ece19801b2199942", "66e9e215ece19801b2199943"]
ACCOUNTS = ["6633baaece5fbd01c7910003", "6633baaece5fbd01c7910004"]
USERS = ["66302798d03b9601c7930001", "66302798d03b9601c7930002"]


class Status(BaseModel):
    """How a contact stands in a sequence."""

    id: str
    sequence: str
    account: str
    added_by: str | None = None
    status: str = "active"
    inactive_reason: str | None = None
    failure_reason: str | None = None
    added: AwareDatetime
    finished: AwareDatetime | None = None
    step: int | None = None
    stops: int = 0
    """How often somebody took them out."""

    def shown(self) -> JsonObject:
        """As it stands with its contact."""
        return {
            "id": self.id, "emailer_campaign_id": self.sequence, "status": self.status,
            "inactive_reason": self.inactive_reason, "failure_reason": self.failure_reason,
            "added_at": moment(self.added), "added_by_user_id": self.added_by, "finished_at": moment(self.finished),
            "paused_at": None, "send_email_from_email_account_id": self.account, "current_step_id": None,
            "current_step_position": self.step,
        }  # fmt: skip


class Happened(BaseModel):
    """An event of a contact's timeline."""

    type: str
    at: AwareDatetime
    sequence: str
    reason: str | None = None
    message: str | None = None

    def shown(self) -> JsonObject:
        """As the timeline shows it: fields that do not apply are left out."""
        said: dict[str, JsonValue] = {
            "type": self.type, "occurred_at": moment(self.at), "sequence_id": self.sequence,
            "sequence_name": "Outbound", "reason": self.reason, "emailer_message_id": self.message,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}


class Contact(BaseModel):
    """A person whom the team has saved."""

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    organization_name: str = ""
    unsubscribed: bool | None = None
    statuses: list[Status] = []
    timeline: list[Happened] = []
    created: AwareDatetime

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return {
            "id": self.id, "email": self.email, "first_name": self.first_name, "last_name": self.last_name,
            "name": f"{self.first_name} {self.last_name}".strip(), "organization_name": self.organization_name,
            "email_unsubscribed": self.unsubscribed, "created_at": moment(self.created), "source": "api",
            "emailer_campaign_ids": [one.sequence for one in self.statuses],
            "contact_campaign_statuses": [one.shown() for one in self.statuses],
        }  # fmt: skip

    def standing(self, sequence: str) -> Status | None:
        """How they stand in a sequence."""
        return next((one for one in self.statuses if one.sequence == sequence), None)


class Task(BaseModel):
    """Something that somebody is to do."""

    id: str
    user: str
    contact: str
    type: str
    title: str | None
    note: str | None
    due: AwareDatetime
    status: str = "scheduled"
    resolved: AwareDatetime | None = None
    resolutions: int = 0
    """How often somebody completed or skipped it."""
    created: AwareDatetime

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return {
            "id": self.id, "user_id": self.user, "contact_id": self.contact, "type": self.type, "priority": "medium",
            "title": self.title, "note": self.note, "status": self.status, "due_at": moment(self.due),
            "completed_at": moment(self.resolved) if self.status == "completed" else None,
            "skipped_at": moment(self.resolved) if self.status == "skipped" else None,
            "created_at": moment(self.created), "answered": None, "subject": None, "emailer_campaign_id": None,
            "account_id": None, "opportunity_id": None, "completed_by_user_id": None,
        }  # fmt: skip


class Team(BaseModel):
    """A team."""

    contacts: dict[str, Contact] = {}
    tasks: dict[str, Task] = {}
    last: int = 0
    calls: dict[str, int] = {}
    """By kind, with the minute or hour in which they are counted."""

    def count(self, window: str) -> int:
        """Count a call in a window; returns how many there are in it."""
        self.calls[window] = self.calls.get(window, 0) + 1
        return self.calls[window]

    def new_id(self) -> str:
        """An id as Apollo makes them: 24 hexadecimal digits."""
        self.last += 1
        return f"66e34b81740c5007{self.last:08x}"

    def with_email(self, address: str) -> list[Contact]:
        """The contacts with an address."""
        return [one for one in self.contacts.values() if one.email.lower() == address.lower()]

    def add(self, contact: Contact, sequence: str, account: str, user: str | None, now: datetime) -> str | None:
        """Put a contact into a sequence; returns why not, where they are left out."""
        there = contact.standing(sequence)
        if there is not None and there.status != "finished":
            return "contacts_already_exists_in_current_campaign"
        if there is not None:
            contact.statuses.remove(there)
        if any(one.status != "finished" for one in contact.statuses):
            return "contacts_active_in_other_campaigns"
        contact.statuses.append(
            Status(id=self.new_id(), sequence=sequence, account=account, added_by=user, added=now, step=1)
        )
        contact.timeline.insert(0, Happened(type="enrolled", at=now, sequence=sequence))
        return None


def moment(at: datetime | None) -> str | None:
    """A time as Apollo writes it."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+00:00"
