"""Whether a calendar's event is a meeting with a buyer, and what it says now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from integrations.google_calendar.event import CalendarEvent, Person
from integrations.google_calendar.settings import GoogleCalendarConnection
from integrations.kit.meeting_names import meeting_name

DEAL, KIND = "dealwright_deal", "dealwright_kind"
"""Private extended properties that say which deal an event is for, and whether it is a ``meeting`` or a ``demo``."""
_LONGEST_LINK = 200
Kind = Literal["meeting", "demo"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of an event that was followed before: a deleted one may have its id alone."""

    calendar: str
    """Whose copy of the event counts."""
    meeting: str
    kind: Kind
    deal: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says of a meeting, as the mapping file reads it."""

    known: Known
    happened: Literal["booked", "cancelled", "held"]
    starts_at: datetime | None
    ends_at: datetime | None
    at: datetime | None
    """When the event was last changed; None where a deleted one does not say."""
    version: str
    """Tells this state of the event from others."""
    link: str | None
    guests: tuple[str, ...]
    series: str | None = None
    """The event that repeats, of which this is a single one."""

    def shown(self) -> dict[str, JsonValue]:
        """As JSON."""
        return {
            "meeting": self.known.meeting,
            "kind": self.known.kind,
            "deal": self.known.deal,
            "happened": self.happened,
            "starts_at": None if self.starts_at is None else self.starts_at.isoformat(),
            "at": None if self.at is None else self.at.isoformat(),
            "version": self.version,
            "link": self.link,
            "guests": [*self.guests],
        }


class Reading:
    """How one installation reads its calendars."""

    def __init__(self, connection: GoogleCalendarConnection, marks_of_bookings: tuple[str, ...] = ()) -> None:
        self._connection, self._domains = connection, connection.domains
        self._marks_of_bookings = marks_of_bookings

    def told(self, event: CalendarEvent, calendar: str, known: Known | None) -> Told | None:
        """What a copy of an event says; None where it is no meeting with a buyer, or another copy tells of it."""
        if event.repeats or not self._is_told_by(event, calendar, known):
            return None
        about = self._about(event, calendar, known)
        starts_at = event.start.moment
        if about is None or (starts_at is None and not event.is_cancelled):
            return None
        return Told(
            known=about,
            happened="cancelled" if self._is_called_off(event, about) else "booked",
            starts_at=starts_at,
            ends_at=event.end.moment,
            at=event.updated,
            version=event.updated.isoformat() if event.updated else f"{event.status}-{event.etag}",
            link=event.link if event.link and len(event.link) <= _LONGEST_LINK else None,
            guests=tuple(each.address for each in self._guests(event)),
            series=event.recurring_event_id,
        )

    def _is_told_by(self, event: CalendarEvent, calendar: str, known: Known | None) -> bool:
        """Whether this copy counts: the organizer's, else that of the first calendar of ours that is invited."""
        host = event.organizer
        if not host.address:
            return known is None or known.calendar == calendar
        if host.self:
            return True
        if host.address in self._connection.calendars:
            return host.address == calendar
        invited = {each.address for each in event.attendees}
        ours = [each for each in self._connection.calendars if each in invited]
        return not ours or ours[0] == calendar

    def _about(self, event: CalendarEvent, calendar: str, known: Known | None) -> Known | None:
        noted = event.extended_properties.private
        deal = noted.get(DEAL, "").strip() or (known.deal if known else None)
        if known is not None:
            return Known(calendar, known.meeting, known.kind, deal)
        is_new = deal or self._is_followed(event)
        return Known(calendar, _name(event), self._kind(event), deal) if is_new else None

    def _is_followed(self, event: CalendarEvent) -> bool:
        is_plain = event.event_type == "default"
        if event.recurring_event_id is not None and self._connection.repeats_days == 0:
            return False
        is_open = event.visibility not in {"private", "confidential"}
        left_out = _has(event.summary, self._connection.ignore_titles) or _has(
            event.description, self._connection.told_by_others
        )
        return is_plain and is_open and not left_out and not self._is_a_booking(event) and bool(self._guests(event))

    def _is_a_booking(self, event: CalendarEvent) -> bool:
        """Whether a connected tool tells of it. It does not know what a buyer called, by a page of their own."""
        called_by_us = not event.organizer.address or self._is_ours(event.organizer)
        return called_by_us and _has(event.description, self._marks_of_bookings)

    def _kind(self, event: CalendarEvent) -> Kind:
        noted = event.extended_properties.private.get(KIND)
        return "demo" if noted == "demo" or _has(event.summary, self._connection.demo_titles) else "meeting"

    def _is_called_off(self, event: CalendarEvent, about: Known) -> bool:
        """Whether nobody of ours, or nobody of theirs, will come."""
        if event.is_cancelled:
            return True
        guests = self._guests(event)
        ours = [each for each in event.attendees if not each.resource and self._is_ours(each)]
        nobody_comes = any(side and all(each.declined for each in side) for side in (guests, ours))
        return nobody_comes or (not guests and about.deal is None)

    def _guests(self, event: CalendarEvent) -> list[Person]:
        """The people of other companies."""
        people = {each.address: each for each in (event.organizer, *event.attendees) if each.address}
        return [each for each in people.values() if not each.resource and not self._is_ours(each)]

    def _is_ours(self, person: Person) -> bool:
        address = person.address
        domain = address.rpartition("@")[2]
        return person.self or address in self._connection.calendars or domain in self._domains


def _name(event: CalendarEvent) -> str:
    """The meeting's id: the event's, or one that all copies of an invitation from elsewhere have in common."""
    uid, series = event.ical_uid, event.recurring_event_id
    if series is not None and uid == f"{series}@google.com":
        uid = None  # its own id tells it from the others of the series
    return meeting_name(event.id, uid, event.original_start_time.moment if series else None)


def _has(text: str, words: tuple[str, ...]) -> bool:
    lower = text.lower()
    return any(word in lower for word in words)
