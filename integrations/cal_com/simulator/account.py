"""What a simulated Cal.com account holds, and how Cal.com shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]
EVENT_TYPES = {101: "intro", 102: "demo"}
"""The numbers of the event types, and the ends of their pages' addresses."""
HOST = "sam@us.example"


class Attendee(BaseModel):
    """Somebody on the other side."""

    email: str
    name: str
    absent: bool = False


class Booking(BaseModel):
    """Somebody's booking of one time."""

    id: int
    uid: str
    ical_uid: str
    event_type: int
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    created_at: AwareDatetime
    updated_at: AwareDatetime
    attendees: list[Attendee]
    metadata: dict[str, str] = {}
    status: str = "accepted"
    reason: str | None = None
    moved_from: str | None = None
    moved_to: str | None = None

    @property
    def video(self) -> str:
        """Where the meeting is."""
        return f"https://video.example/{self.uid}"

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return {
            "id": self.id, "uid": self.uid, "title": EVENT_TYPES[self.event_type], "description": "",
            "hosts": [{"id": 1, "name": "Sam Fox", "email": HOST, "username": "sam", "timeZone": "UTC"}],
            "status": self.status, "cancellationReason": self.reason, "start": iso(self.starts_at),
            "end": iso(self.ends_at), "duration": 30, "eventTypeId": self.event_type,
            "eventType": {"id": self.event_type, "slug": EVENT_TYPES[self.event_type]}, "location": self.video,
            "absentHost": False, "createdAt": iso(self.created_at), "updatedAt": iso(self.updated_at),
            "attendees": [
                {"name": one.name, "email": one.email, "timeZone": "UTC", "language": "en", "absent": one.absent}
                for one in self.attendees
            ],
            "metadata": {**self.metadata}, "icsUid": self.ical_uid, "bookingFieldsResponses": {},
            **({"rescheduledFromUid": self.moved_from} if self.moved_from else {}),
            **({"rescheduledToUid": self.moved_to} if self.moved_to else {}),
        }  # fmt: skip

    def told(self) -> JsonObject:
        """As a webhook tells of it: without its metadata."""
        return {
            "bookingId": self.id, "uid": self.uid, "type": EVENT_TYPES[self.event_type],
            "title": EVENT_TYPES[self.event_type], "eventTypeId": self.event_type, "startTime": iso(self.starts_at),
            "endTime": iso(self.ends_at), "iCalUID": self.ical_uid, "status": self.status.upper(),
            "organizer": {"id": 1, "name": "Sam Fox", "email": HOST, "timeZone": "UTC"},
            "attendees": [{"name": one.name, "email": one.email, "timeZone": "UTC"} for one in self.attendees],
            "location": "integrations:daily",
        }  # fmt: skip


class Webhook(BaseModel):
    """A webhook of the account."""

    id: str
    url: str
    triggers: list[str]
    active: bool
    secret: str | None

    def shown(self) -> JsonObject:
        """As the API shows it, with its secret."""
        return {
            "id": self.id, "subscriberUrl": self.url, "triggers": [*self.triggers], "active": self.active,
            "payloadTemplate": None, "secret": self.secret, "userId": 1,
        }  # fmt: skip


class Account(BaseModel):
    """An account."""

    bookings: dict[str, Booking] = {}
    """By their uids."""
    webhooks: dict[str, Webhook] = {}
    """By their ids."""

    def to(self, url: str) -> Webhook | None:
        """The webhook of an address."""
        return next((one for one in self.webhooks.values() if one.url == url), None)


def new_uid() -> str:
    """A uid for a new booking."""
    return uuid4().hex[:22]


def iso(at: datetime) -> str:
    """A time as Cal.com writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
