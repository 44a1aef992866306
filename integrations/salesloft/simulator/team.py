"""What a simulated Salesloft team holds, and how Salesloft shows it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pydantic import AwareDatetime, BaseModel, JsonValue

from integrations.salesloft.simulator.tokens import TokenState

JsonObject = dict[str, JsonValue]
_THERE = timezone(timedelta(hours=-5))
API = "https://api.salesloft.com/v2"
ON = frozenset({"processing", "staged", "active", "scheduled"})
"""The states of a membership of somebody who is in the cadence."""


class Held(BaseModel):
    """Any record."""

    id: int
    created: AwareDatetime
    updated: AwareDatetime

    def shown(self) -> JsonObject:
        """As Salesloft's API and its webhooks show it."""
        return {"id": self.id, "created_at": time(self.created), "updated_at": time(self.updated)}


class Person(Held):
    """Somebody who may be in cadences."""

    email: str
    name: str = ""
    do_not_contact: bool = False
    restrictions: list[str] = []

    def shown(self) -> JsonObject:
        """With their wishes."""
        first, _, last = self.name.partition(" ")
        return {
            **super().shown(), "first_name": first, "last_name": last, "display_name": self.name,
            "email_address": self.email, "secondary_email_address": None, "personal_email_address": None,
            "phone": None, "do_not_contact": self.do_not_contact, "bouncing": False,
            "contact_restrictions": [*self.restrictions], "custom_fields": {}, "tags": [],
        }  # fmt: skip


class Membership(Held):
    """A person in a cadence, or who was in it."""

    person: int
    cadence: int
    user: int
    added: AwareDatetime
    state: str = "staged"
    step: int | None = None
    additions: int = 1
    """How often they were added to it."""
    replies: int = 0
    bounces: int = 0

    def shown(self) -> JsonObject:
        """With its state."""
        return {
            **super().shown(), "added_at": time(self.added), "person_deleted": False,
            "currently_on_cadence": self.state in ON, "current_state": self.state,
            "cadence": ref("cadences", self.cadence), "person": ref("people", self.person),
            "user": ref("users", self.user), "step": ref("steps", self.step) if self.step is not None else None,
            "latest_action": None,
            "counts": {
                "views": 0, "clicks": 0, "replies": self.replies, "calls": 0, "sent_emails": 0, "bounces": self.bounces,
            },
        }  # fmt: skip


class Email(Held):
    """A mail that was sent."""

    person: int
    address: str
    cadence: int | None = None
    sent: AwareDatetime
    bounced: bool = False
    replies: int = 0
    views: int = 0

    def shown(self) -> JsonObject:
        """``sent``, also when it bounced."""
        return {
            **super().shown(), "recipient_email_address": self.address, "status": "sent", "bounced": self.bounced,
            "send_after": time(self.sent), "sent_at": time(self.sent), "view_tracking": True, "click_tracking": False,
            "headers": {}, "personalization": "100.0",
            "counts": {
                "clicks": 0, "views": self.views, "replies": self.replies, "unique_devices": 0, "unique_locations": 0,
                "attachments": 0,
            },
            "user": ref("users", 1), "recipient": ref("people", self.person), "mailing": {"id": self.id + 1_000_000},
            "action": None, "task": None, "crm_activity": None,
            "cadence": ref("cadences", self.cadence) if self.cadence is not None else None, "step": None,
            "email_template": None,
        }  # fmt: skip


class Call(Held):
    """A call that was logged."""

    person: int
    to: str = ""
    disposition: str | None = None

    def shown(self) -> JsonObject:
        """With how it went."""
        return {
            **super().shown(), "to": self.to, "duration": 60, "sentiment": None, "disposition": self.disposition,
            "recordings": [], "user": ref("users", 1), "action": None, "called_person": ref("people", self.person),
            "crm_activity": None, "note": None, "cadence": None, "step": None,
        }  # fmt: skip


class Meeting(Held):
    """A meeting that was booked."""

    person: int
    email: str
    starts: AwareDatetime
    title: str = "Intro"
    cancelled: AwareDatetime | None = None
    no_show: bool = False

    def shown(self) -> JsonObject:
        """With its time."""
        return {
            **super().shown(), "title": self.title, "start_time": time(self.starts),
            "end_time": time(self.starts + timedelta(minutes=30)), "status": "booked", "reschedule_status": None,
            "canceled_at": time(self.cancelled) if self.cancelled else None, "no_show": self.no_show,
            "recipient_name": "", "recipient_email": self.email, "guests": [self.email], "attendees": [],
            "location": None, "description": None, "calendar_type": "gmail",
            "event_id": f"event{self.id}", "i_cal_uid": f"event{self.id}@google.com",
            "all_day": False, "person": ref("people", self.person), "cadence": None, "step": None,
            "booked_by_user": {"id": "00000000-0000-4000-8000-000000000001"},
        }  # fmt: skip


class Task(Held):
    """Something on somebody's list."""

    subject: str
    user: int
    person: int | None = None
    kind: str = "general"
    due_date: str | None = None
    description: str | None = None
    key: str | None = None
    completed: AwareDatetime | None = None
    completions: int = 0

    def shown(self) -> JsonObject:
        """With its state; its key is not shown."""
        done = self.completed
        return {
            **super().shown(), "description": self.description, "due_date": self.due_date, "due_at": None,
            "subject": self.subject, "current_state": "completed" if done else "scheduled", "task_type": self.kind,
            "remind_at": None, "expires_after": None, "completed_at": time(done) if done else None,
            "custom_attributes": {}, "object_references": [], "source": "salesloft.api", "multitouch_group_id": None,
            "person": ref("people", self.person) if self.person is not None else None, "user": ref("users", self.user),
            "created_by_user": ref("users", 1), "completed_by": ref("users", self.user) if done else None,
        }  # fmt: skip


class User(BaseModel):
    """One of the team."""

    id: int
    email: str
    active: bool = True


class Subscription(BaseModel):
    """Where webhooks of one type go."""

    id: int
    event_type: str
    callback_url: str
    callback_token: str
    enabled: bool = True

    def shown(self) -> JsonObject:
        """As its owner sees it."""
        return {**self.model_dump(), "tenant_id": 1, "user_guid": "00000000-0000-4000-8000-000000000001"}


class Team(BaseModel):
    """A team."""

    cadences: dict[int, list[int]] = {42: [421, 422, 423]}
    """By id, the ids of their steps."""
    users: list[User] = [User(id=1, email="rep@seller.example")]
    people: dict[int, Person] = {}
    memberships: dict[int, Membership] = {}
    emails: dict[int, Email] = {}
    calls: dict[int, Call] = {}
    meetings: dict[int, Meeting] = {}
    tasks: dict[int, Task] = {}
    subscriptions: dict[int, Subscription] = {}
    tokens: TokenState = TokenState()
    last_id: int = 1000

    def new_id(self) -> int:
        """An id that nothing has."""
        self.last_id += 1
        return self.last_id

    def membership_of(self, person: int, cadence: int) -> Membership | None:
        """The one membership of a person in a cadence."""
        both = (one for one in self.memberships.values() if (one.person, one.cadence) == (person, cadence))
        return next(both, None)

    def person_with(self, email: str) -> Person:
        """The person with an address.

        Raises:
            KeyError: there is none.
        """
        found = next((one for one in self.people.values() if one.email.lower() == email.lower()), None)
        if found is None:
            raise KeyError(email)
        return found


def time(at: datetime) -> str:
    """A time as Salesloft writes it: with the offset of where the team is."""
    return at.astimezone(_THERE).isoformat(timespec="microseconds")


def ref(kind: str, id_: int) -> JsonObject:
    """Another record that is meant."""
    return {"_href": f"{API}/{kind}/{id_}", "id": id_}
