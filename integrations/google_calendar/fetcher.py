"""Gets what a notice hints at: it says that something changed in a calendar, and not what."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from pydantic import JsonValue

from integrations.google_calendar.reader import CalendarReader, Cursor
from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from store import feeds
from store.database import Store
from store.errors import StoreAway

_CALENDAR = re.compile(r"/calendars/([^/]+)/events$")
_MOST_PAGES = 20


def google_calendar_fetcher(connected: Connected) -> GoogleCalendarFetcher:
    """The fetcher of an installation that is connected to Google Calendar."""
    return GoogleCalendarFetcher(
        connected.block(GoogleCalendarConnection), connected.store, connected.marks_of_bookings
    )


class GoogleCalendarFetcher:
    """Reads what changed since the last poll. The place is the poll's, and only a poll moves it on.

    So notices may come in any order, together and twice: what two of them bring has the same ids.
    """

    def __init__(
        self, connection: GoogleCalendarConnection, store: Store, marks_of_bookings: tuple[str, ...] = ()
    ) -> None:
        self._connection, self._store = connection, store
        self._reader = CalendarReader(connection, store, marks_of_bookings)

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """``{"changed": uri}``: what changed in the calendar of this address since it was last polled.

        Raises:
            NotHandedOver, Unanswered: Google, or the database, cannot be asked now.
            Refused: the calendar is not one of ours.
        """
        calendar = _calendar_of(what)
        if calendar not in self._connection.calendars:
            raise Refused(f"a notice is about {calendar or 'no calendar'}, which calendars: does not name")
        try:
            feed = await feeds.of(self._store, SOURCE)
            place = Cursor.read(feed.cursor).of(calendar)
            told: list[JsonValue] = []
            for _ in range(_MOST_PAGES):  # the poll brings what is beyond
                page, place = await self._reader.next_page(calendar, place, datetime.now(UTC))
                told += page
                if place.page is None:
                    break
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return told

    async def close(self) -> None:
        """Give the connections back."""
        await self._reader.close()


def _calendar_of(what: JsonValue) -> str:
    uri = what.get("changed") if isinstance(what, dict) else None
    found = _CALENDAR.search(urlsplit(uri).path) if isinstance(uri, str) else None
    return unquote(found[1]).lower() if found else ""
