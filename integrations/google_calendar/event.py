"""A calendar event as Google shows it, as far as it says something about a meeting.

https://developers.google.com/workspace/calendar/api/v3/reference/events. Of a deleted event Google promises the id
alone, so that nothing else is required here.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Shown(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


class Time(_Shown):
    """When an event begins or ends: ``date`` alone for one that lasts whole days."""

    date_time: datetime | None = None
    time_zone: str | None = None

    @property
    def moment(self) -> datetime | None:
        """The time, where there is one. Its own offset counts before the time zone beside it."""
        if self.date_time is None or self.date_time.tzinfo is not None:
            return self.date_time
        try:
            return self.date_time.replace(tzinfo=ZoneInfo(self.time_zone or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return None


class Person(_Shown):
    """Whoever called an event, or was invited to it."""

    email: str = ""
    self: bool = False
    """Whether it is whose calendar this copy of the event stands in."""
    resource: bool = False
    """Whether it is a room, and not a person."""
    response_status: str | None = None
    """``needsAction``, ``declined``, ``tentative`` or ``accepted``."""

    @property
    def address(self) -> str:
        """The e-mail address, in small letters."""
        return self.email.strip().lower()

    @property
    def declined(self) -> bool:
        """Whether they said that they will not come."""
        return self.response_status == "declined"


class ExtendedProperties(_Shown):
    """What programs have noted in an event."""

    private: dict[str, str] = {}


class EntryPoint(_Shown):
    """A way into a conference."""

    entry_point_type: str = ""
    uri: str = ""


class Conference(_Shown):
    """Where people meet online."""

    entry_points: list[EntryPoint] = []


class CalendarEvent(_Shown):
    """One copy of an event: everybody who is invited has one in their own calendar."""

    id: str = Field(min_length=1)
    status: str = "confirmed"
    """``confirmed``, ``tentative`` or ``cancelled``."""
    etag: str = ""
    event_type: str = "default"
    ical_uid: str | None = Field(default=None, alias="iCalUID")
    summary: str = ""
    description: str = ""
    location: str = ""
    visibility: str = "default"
    updated: AwareDatetime | None = None
    start: Time = Time()
    end: Time = Time()
    organizer: Person = Person()
    attendees: list[Person] = []
    recurrence: list[str] = []
    recurring_event_id: str | None = None
    """Of a single one of an event that repeats: that event's id."""
    original_start_time: Time = Time()
    """When it was to begin before it was moved: tells it from the others of its event."""
    extended_properties: ExtendedProperties = ExtendedProperties()
    hangout_link: str | None = None
    conference_data: Conference = Conference()

    @property
    def repeats(self) -> bool:
        """Whether it stands for many events, and is none itself."""
        return bool(self.recurrence)

    @property
    def is_cancelled(self) -> bool:
        """Whether it was deleted from this calendar, or called off."""
        return self.status == "cancelled"

    @property
    def link(self) -> str | None:
        """Where people meet online, if they do."""
        ways = [one.uri for one in self.conference_data.entry_points if one.entry_point_type == "video"]
        places = [*ways, self.hangout_link or "", self.location.strip()]
        return next((place for place in places if place.startswith("https://") and " " not in place), None)
