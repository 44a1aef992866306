"""What simulated calendars hold, and how Google shows an event in each of them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]
_ID_LETTERS = "abcdefghijklmnopqrstuv0123456789"


def new_id() -> str:
    """An event's id: base32hex."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(26))


def iso(moment: datetime) -> str:
    """As Google writes times: in UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Attendee(BaseModel):
    """Somebody who is invited."""

    email: str
    response: str = "needsAction"


class Event(BaseModel):
    """An event, with a copy in the calendar of everybody who is invited."""

    id: str
    organizer: str
    title: str
    description: str = ""
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    created: AwareDatetime
    updated: AwareDatetime
    attendees: list[Attendee] = []
    private: dict[str, str] = {}
    """Extended properties of the organizer's copy."""
    uid: str
    link: str | None = None
    visibility: str | None = None
    all_day: bool = False
    weekly: bool = False
    """Whether it repeats each week, for a year."""
    series: str | None = None
    """Of a single one of a weekly event, which somebody changed: that event's id."""
    original: AwareDatetime | None = None
    """When that one was to begin."""
    cancelled: bool = False
    removed_from: list[str] = []
    """Calendars whose owner has deleted their copy."""
    sequence: int = 0
    change: int = 0
    """The number of its last change."""

    def is_in(self, calendar: str) -> bool:
        """Whether there is, or was, a copy in a calendar."""
        return calendar == self.organizer or any(one.email == calendar for one in self.attendees)

    def is_gone(self, calendar: str) -> bool:
        """Whether it was called off, or deleted from a calendar."""
        return self.cancelled or calendar in self.removed_from

    def shown(self, calendar: str, *, bare_deletions: bool) -> JsonObject:
        """The copy in a calendar."""
        status = "cancelled" if self.is_gone(calendar) else "confirmed"
        etag = f'"{self.change}0000"'
        head: JsonObject = {"kind": "calendar#event", "etag": etag, "id": self.id, "status": status}
        if status == "cancelled" and bare_deletions:
            return {**head, **self._of_series()}
        people: list[JsonValue] = [self._person(one, calendar) for one in self.attendees]
        noted: JsonObject = {"private": {**self.private}} if self.organizer == calendar else {}
        return {
            **head,
            "htmlLink": f"https://www.google.com/calendar/event?eid={self.id}",
            "created": iso(self.created), "updated": iso(self.updated), "summary": self.title,
            **({"description": self.description} if self.description else {}),
            "creator": {"email": self.organizer},
            "organizer": {"email": self.organizer, **({"self": True} if self.organizer == calendar else {})},
            "start": self._time(self.starts_at), "end": self._time(self.ends_at),
            "iCalUID": self.uid, "sequence": self.sequence,
            **({"attendees": people} if people else {}),
            **({"hangoutLink": self.link} if self.link else {}),
            **({"visibility": self.visibility} if self.visibility else {}),
            **({"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=52"]} if self.weekly else {}),
            **self._of_series(),
            **({"extendedProperties": noted} if self.private and noted else {}),
            "reminders": {"useDefault": True}, "eventType": "default",
        }  # fmt: skip

    def instances(self) -> list[Event]:
        """The single ones of a weekly event, as nobody has changed them."""
        lasts, starts = self.ends_at - self.starts_at, [self.starts_at + timedelta(weeks=n) for n in range(52)]
        return [
            self.model_copy(deep=True, update={
                "id": f"{self.id}_{at:%Y%m%dT%H%M%SZ}", "weekly": False, "series": self.id, "original": at,
                "starts_at": at, "ends_at": at + lasts,
            })
            for at in starts
        ]  # fmt: skip

    def _of_series(self) -> JsonObject:
        if self.series is None or self.original is None:
            return {}
        return {"recurringEventId": self.series, "originalStartTime": self._time(self.original)}

    def _time(self, moment: datetime) -> JsonValue:
        if self.all_day:
            return {"date": f"{moment:%Y-%m-%d}"}
        return {"dateTime": moment.isoformat(), "timeZone": "UTC"}  # the offset may be another one

    def _person(self, one: Attendee, calendar: str) -> JsonValue:
        return {
            "email": one.email, "responseStatus": one.response,
            **({"organizer": True} if one.email == self.organizer else {}),
            **({"self": True} if one.email == calendar else {}),
        }  # fmt: skip


class Channel(BaseModel):
    """A watch channel."""

    id: str
    calendar: str
    resource_id: str
    address: str
    token: str
    ends_at: AwareDatetime
    sent: int = 0
    """The number of its last notice."""


class AccessToken(BaseModel):
    """What an access token stands for."""

    subject: str
    ends_at: AwareDatetime


class Workspace(BaseModel):
    """Everything."""

    calendars: list[str]
    events: dict[str, Event] = {}
    channels: dict[str, Channel] = {}
    tokens: dict[str, AccessToken] = {}
    changes: int = 0
    oldest_sync_token: int = 0
    """Sync tokens of before this change are not taken any more."""

    def instances(self, event: Event) -> list[Event]:
        """The single ones of a weekly event, as they are now."""
        return [self.events.get(one.id, one) for one in event.instances()]

    def changed(self, event: Event, at: datetime) -> None:
        """Count a change of an event."""
        self.changes += 1
        event.change, event.updated = self.changes, at
        self.events[event.id] = event
