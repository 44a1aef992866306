"""Reads calendars: page by page what changed, and what of it deals are to be told. Both notices and polls use it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from integrations.google_calendar.client import GoogleCalendarClient
from integrations.google_calendar.event import CalendarEvent
from integrations.google_calendar.meetings import Known, Reading, Told
from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from store import mirror
from store.database import Store

_LOOK_BACK = timedelta(days=1)
"""How long an event may be over that a full reading still brings."""
_KNOWN = "meeting"
_REMEMBERED = TypeAdapter(Known)


class Place(BaseModel):
    """How far a calendar was read."""

    sync: str | None = None
    """What the next changes are asked with; without it, all events are read."""
    since: datetime | None = None
    """Of a reading of all events, which are read: those that end after this."""
    page: str | None = None
    """The page that comes next of the reading that is under way."""


class Cursor(BaseModel):
    """How far all calendars were read."""

    calendars: dict[str, Place] = {}
    over_until: datetime | None = None
    """Events that ended before this were told as held."""

    @classmethod
    def read(cls, text: str | None) -> Self:
        """The cursor that a text is; where it is none, all is read anew."""
        try:
            return cls.model_validate_json(text) if text else cls()
        except ValidationError:
            return cls()

    def of(self, calendar: str) -> Place:
        """How far a calendar was read."""
        return self.calendars.get(calendar, Place())


class CalendarReader:
    """The calendars of one connection."""

    def __init__(
        self, connection: GoogleCalendarConnection, store: Store, marks_of_bookings: tuple[str, ...] = ()
    ) -> None:
        self.client = GoogleCalendarClient(connection, store)
        self._reading, self._store = Reading(connection, marks_of_bookings), store

    async def next_page(self, calendar: str, place: Place, now: datetime) -> tuple[list[JsonValue], Place]:
        """What the next page tells, and the place after it. A calendar whose token is too old is read anew.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        page = None
        if place.sync is not None:
            page = await self.client.changed(calendar, place.sync, place.page)
        if page is None:
            if place.sync is not None or place.since is None:
                place = Place(since=now - _LOOK_BACK)
            page = await self.client.all(calendar, place.since or now, place.page)
        if page.next_page_token is not None:
            after = place.model_copy(update={"page": page.next_page_token})
        else:
            after = Place(sync=page.next_sync_token)
        return await self._told(calendar, page.items), after

    async def held(self, calendar: str, after: datetime, until: datetime) -> list[JsonValue]:
        """What is told of events that ended within this time, and were not called off."""
        told: list[JsonValue] = []
        for item in await self.client.between(calendar, after, until):
            one = await self._read(calendar, item)
            if isinstance(one, Told) and one.happened == "booked" and one.ends_at and after < one.ends_at <= until:
                ended = one.ends_at.isoformat()
                told.append({**one.shown(), "happened": "held", "at": ended, "version": f"over-{ended}"})
        return told

    async def close(self) -> None:
        """Give the connections back."""
        await self.client.close()

    async def _told(self, calendar: str, items: Sequence[JsonValue]) -> list[JsonValue]:
        told: list[JsonValue] = []
        for item in items:
            one = await self._read(calendar, item)
            if isinstance(one, Told):
                told.append(one.shown())
            elif isinstance(one, str):
                content = hashlib.sha256(repr(item).encode("utf-8", "surrogatepass")).hexdigest()[:32]
                told.append({"meeting": f"unreadable-{content}", "happened": "unreadable", "version": one})
        return told

    async def _read(self, calendar: str, item: JsonValue) -> Told | str | None:
        """What an event says; a text says why it cannot be read."""
        try:
            event = CalendarEvent.model_validate(item)
        except ValidationError as error:
            return ".".join(map(str, error.errors()[0]["loc"])) or "the event"
        known = await self._known(event)
        told = self._reading.told(event, calendar, known)
        if told is not None and told.known != known:
            values = {_KNOWN: _REMEMBERED.dump_python(told.known, mode="json")}
            await mirror.note(self._store, SOURCE, f"event:{event.id}", values, datetime.now(UTC))
        return told

    async def _known(self, event: CalendarEvent) -> Known | None:
        there = await mirror.known(self._store, SOURCE, f"event:{event.id}")
        return _REMEMBERED.validate_python(there[_KNOWN].value) if _KNOWN in there else None
