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
    ahead_until: datetime | None = None
    """Single ones of events that repeat were told if they begin before this."""

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
        self._repeats_for = timedelta(days=connection.repeats_days)

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
        return await self._told(calendar, page.items, now), after

    async def held(self, calendar: str, after: datetime, until: datetime) -> list[JsonValue]:
        """What is told of events that ended within this time, and were not called off."""
        told: list[JsonValue] = []
        for item in await self.client.between(calendar, after, until):
            one = await self._read(calendar, item)
            if isinstance(one, Told) and one.happened == "booked" and one.ends_at and after < one.ends_at <= until:
                ended = one.ends_at.isoformat()
                told.append({**one.shown(), "happened": "held", "at": ended, "version": f"over-{ended}"})
        return told

    async def ahead(self, calendar: str, after: datetime, until: datetime) -> list[JsonValue]:
        """What is told of single ones of events that repeat, which begin within this time."""
        if not self._repeats_for:
            return []
        told = [await self._read(calendar, item) for item in await self.client.between(calendar, after, until)]
        return [one.shown() for one in told if isinstance(one, Told) and one.series and _is_after(one, after)]

    async def close(self) -> None:
        """Give the connections back."""
        await self.client.close()

    async def _told(self, calendar: str, items: Sequence[JsonValue], now: datetime) -> list[JsonValue]:
        told: list[JsonValue] = []
        for item in items:
            told += await self._of_series(calendar, item, now)
            one = await self._read(calendar, item)
            if isinstance(one, Told):
                told.append(one.shown())
            elif isinstance(one, str):
                content = hashlib.sha256(repr(item).encode("utf-8", "surrogatepass")).hexdigest()[:32]
                told.append({"meeting": f"unreadable-{content}", "happened": "unreadable", "version": one})
        return told

    async def _of_series(self, calendar: str, item: JsonValue, now: datetime) -> list[JsonValue]:
        """What an event that repeats tells of its single ones of the next days: which are there, and which no more."""
        try:
            event = CalendarEvent.model_validate(item)
        except ValidationError:
            return []
        series = f"series:{event.id}"
        known = await mirror.known(self._store, SOURCE, series) if event.repeats or event.is_cancelled else {}
        if not self._repeats_for or not (event.repeats or known):
            return []
        until = now + self._repeats_for
        there = [] if event.is_cancelled else await self.client.instances(calendar, event.id, now, until)
        shown = {str(one["id"]) for one in there if isinstance(one, dict) and "id" in one}
        gone = [id_ for id_, start in known.items() if now < datetime.fromisoformat(str(start.value)) <= until]
        updated = {"updated": event.updated.isoformat()} if event.updated else {}
        there += [
            {"id": id_, "status": "cancelled", "etag": event.etag, **updated, "recurringEventId": event.id}
            for id_ in gone
            if id_ not in shown
        ]
        told = [await self._read(calendar, one) for one in there]
        return [one.shown() for one in told if isinstance(one, Told)]

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
        if told is not None and told.series and told.starts_at is not None:
            held: dict[str, JsonValue] = {event.id: told.starts_at.isoformat()}
            await mirror.note(self._store, SOURCE, f"series:{told.series}", held, datetime.now(UTC))
        return told

    async def _known(self, event: CalendarEvent) -> Known | None:
        there = await mirror.known(self._store, SOURCE, f"event:{event.id}")
        return _REMEMBERED.validate_python(there[_KNOWN].value) if _KNOWN in there else None


def _is_after(told: Told, after: datetime) -> bool:
    return told.starts_at is not None and told.starts_at >= after
