"""What a simulated Calendly organization holds, and how Calendly shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, JsonValue

API = "https://api.calendly.com"
"""Addresses of objects begin with it, wherever the API is called."""
ORGANIZATION, USER = f"{API}/organizations/00000000-0000-0000-0000-0000000000c1", f"{API}/users/me-1"
JsonObject = dict[str, JsonValue]


class EventType(BaseModel):
    """A kind of meeting."""

    uri: str
    name: str


class Cancellation(BaseModel):
    """How a booking was called off."""

    canceled_by: str
    reason: str | None
    canceler_type: str
    created_at: AwareDatetime


class NoShow(BaseModel):
    """The mark that somebody did not come."""

    uri: str
    created_at: AwareDatetime


class Invitee(BaseModel):
    """Somebody's booking of one time."""

    uri: str
    event: str
    event_type: EventType
    name: str
    email: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    created_at: AwareDatetime
    updated_at: AwareDatetime
    tracking: dict[str, str | None]
    rescheduled: bool = False
    old_invitee: str | None = None
    new_invitee: str | None = None
    cancellation: Cancellation | None = None
    no_show: NoShow | None = None

    def shown(self) -> JsonObject:
        """As the API and webhooks show it; there is no ``cancellation`` of what was not called off."""
        status = "canceled" if self.cancellation else "active"
        cancelled: JsonObject = {}
        if self.cancellation:
            cancelled["cancellation"] = {
                **self.cancellation.model_dump(exclude={"created_at"}),
                "created_at": iso(self.cancellation.created_at),
            }
        no_show: JsonValue = None
        if self.no_show:
            no_show = {"uri": self.no_show.uri, "created_at": iso(self.no_show.created_at)}
        scheduled: JsonObject = {
            "uri": self.event, "name": self.event_type.name, "event_type": self.event_type.uri, "status": status,
            "start_time": iso(self.starts_at), "end_time": iso(self.ends_at), "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "location": {"type": "zoom", "join_url": f"https://zoom.example/j/{self.event[-8:]}", "status": "pushed"},
            **cancelled,
        }  # fmt: skip
        return {
            "uri": self.uri, "event": self.event, "email": self.email, "name": self.name, "first_name": None,
            "last_name": None, "status": status, "timezone": "Europe/Berlin", "rescheduled": self.rescheduled,
            "old_invitee": self.old_invitee, "new_invitee": self.new_invitee, "no_show": no_show,
            "tracking": {**self.tracking}, "questions_and_answers": [], "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at), "scheduled_event": scheduled, **cancelled,
        }  # fmt: skip


class Subscription(BaseModel):
    """A webhook subscription. Its address never changes."""

    uri: str
    callback_url: str
    events: list[str]
    signing_key: str
    state: str = "active"
    created_at: AwareDatetime

    def shown(self) -> JsonObject:
        """As the API shows it: without its key."""
        return {
            "uri": self.uri, "callback_url": self.callback_url, "events": [*self.events], "state": self.state,
            "scope": "organization", "organization": ORGANIZATION, "user": None, "creator": USER,
            "created_at": iso(self.created_at), "updated_at": iso(self.created_at),
        }  # fmt: skip


class Organization(BaseModel):
    """An organization."""

    event_types: list[EventType]
    invitees: dict[str, Invitee] = {}
    """By their addresses."""
    subscriptions: dict[str, Subscription] = {}
    """By their addresses."""

    def to(self, url: str) -> Subscription | None:
        """The subscription of an address."""
        return next((one for one in self.subscriptions.values() if one.callback_url == url), None)


def new_organization() -> Organization:
    """One with two event types."""
    return Organization(
        event_types=[
            EventType(uri=f"{API}/event_types/intro-1", name="Intro"),
            EventType(uri=f"{API}/event_types/demo-1", name="Demo"),
        ]
    )


def new_uri(kind: str) -> str:
    """An address for a new object."""
    return f"{API}/{kind}/{uuid4()}"


def iso(at: datetime) -> str:
    """A time as Calendly writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
