"""Google Calendar read beside its notices, and its watch channels looked after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.google_calendar.channels import WatchChannels
from integrations.google_calendar.reader import CalendarReader, Cursor, Place
from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_after_fetch
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from store.database import Store
from store.intake import Event

_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "watch channels"
_LOOK_BACK = timedelta(minutes=1)


def google_calendar_polling(connected: Connected) -> GoogleCalendarPolling:
    """What of the connected calendars can be read."""
    return GoogleCalendarPolling(
        connected.block(GoogleCalendarConnection), connected.store, connected.marks_of_bookings
    )


class GoogleCalendarPolling:
    """All calendars of one connection. A cursor is JSON: of each calendar, the token of its next changes."""

    def __init__(
        self, connection: GoogleCalendarConnection, store: Store, marks_of_bookings: tuple[str, ...] = ()
    ) -> None:
        self._connection, self._reader = connection, CalendarReader(connection, store, marks_of_bookings)
        self._channels = WatchChannels(connection, self._reader.client, store)
        self._source = source_of(connection)

    async def poll(self, cursor: str | None) -> Polled:
        """A page of each calendar. Without a cursor, meetings that are still to come are told as well.

        Raises:
            NotHandedOver, Refused, Unanswered: the calendars cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now, before = datetime.now(UTC), Cursor.read(cursor)
        told: list[JsonValue] = []
        places: dict[str, Place] = {}
        for calendar in self._connection.calendars:
            page, places[calendar] = await self._reader.next_page(calendar, before.of(calendar), now)
            told += page
        ahead_until = now + timedelta(days=self._connection.repeats_days)
        for calendar in before.calendars:  # one that was never read brings them with the events that repeat
            told += await self._reader.ahead(calendar, before.ahead_until or now, ahead_until)
        over_until = None
        if self._connection.when_over == "held":
            over_until = now - _LOOK_BACK  # what was moved in the last moment may show late
            for calendar in self._connection.calendars:
                told += await self._reader.held(calendar, before.over_until or over_until, over_until)
        return Polled(
            events=tuple(events_of(self._source, told, now)),
            cursor=Cursor(calendars=places, over_until=over_until, ahead_until=ahead_until).model_dump_json(
                exclude_none=True
            ),
            more=any(place.page is not None for place in places.values()),
        )

    async def health(self) -> list[Finding]:
        """Whether each calendar can be read, and is watched."""
        found = [await self._calendar(calendar) for calendar in self._connection.calendars]
        if self._connection.webhook_url is None:
            remedy = "add webhook_url to the connection, so that changes are told at once"
            return [
                *found,
                Finding("warning", _ABOUT, f"every {self._connection.poll_minutes} minutes is read", remedy),
            ]
        if not self._connection.webhook_secrets:
            return [*found, Finding("problem", _ABOUT, "there is no secret that proves notices", "add webhook_secrets")]
        return [*found, *[await self._channels.finding(calendar) for calendar in self._connection.calendars]]

    async def repair(self) -> list[Finding]:
        """Open a channel for each calendar that lacks one, or whose channel ends soon; what was done."""
        done: list[Finding] = []
        if self._connection.webhook_url is None or not self._connection.webhook_secrets:
            return done
        for calendar in self._connection.calendars:
            if (found := await self._channels.finding(calendar)).level == "ok":
                continue
            try:
                done.append(await self._channels.mend(calendar))
            except _CANNOT as error:
                done.append(Finding("problem", found.about, error.reason, "look at webhook_url, and at the calendar"))
        return done

    async def close(self) -> None:
        """Give the connections back."""
        await self._reader.close()

    async def _calendar(self, calendar: str) -> Finding:
        try:
            await self._reader.client.look(calendar)
        except _CANNOT as error:
            remedy = "look at the credentials and their scope, and whether whom we stand for sees this calendar"
            return Finding("problem", f"calendar {calendar}", error.reason, remedy)
        return Finding("ok", f"calendar {calendar}", "it can be read")


def source_of(connection: GoogleCalendarConnection) -> Source:
    """The shipped mapping, as the installation has it.

    Raises:
        BadMapping: a setting is given that the mapping does not know.
    """
    return shipped_mapping("google_calendar").with_settings(connection.settings, connection.tables)


def events_of(source: Source, told: list[JsonValue], received_at: datetime) -> list[Event]:
    """What calendars tell, as a notice would have brought it."""
    notice = Event(source=SOURCE, event_id="", deal_ref=None, fact="", payload={}, received_at=received_at)
    return events_after_fetch(source, notice, told)
