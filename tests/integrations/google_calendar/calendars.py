"""Calendar events as Google shows them, and what Dealwright reads in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from integrations.google_calendar.event import CalendarEvent
from integrations.google_calendar.meetings import Known, Reading, Told
from integrations.google_calendar.polling import events_of, source_of
from integrations.google_calendar.settings import GoogleCalendarConnection
from store.intake import Event

SAM, ANA, BEA, CARL = "sam@seller.example", "ana@seller.example", "bea@buyer.example", "carl@buyer.example"
LATER = datetime(2026, 3, 2, 10, tzinfo=UTC)


def connection(**changes: Any) -> GoogleCalendarConnection:
    """A connection to Sam's and Ana's calendars."""
    secret = SecretStr("a-secret-of-the-tests")
    let_in = {"client_id": "c", "client_secret": secret, "refresh_token": secret}
    return GoogleCalendarConnection.model_validate({"calendars": [SAM, ANA], **let_in, **changes})


def event(calendar: str = SAM, **changes: Any) -> dict[str, Any]:
    """The copy of a meeting that Sam invited Bea to, in a calendar."""
    people = changes.pop("people", {SAM: "accepted", BEA: "needsAction"})
    organizer = changes.pop("organizer", SAM)
    start = changes.pop("start", "2026-03-05T10:00:00Z")
    return {
        "kind": "calendar#event",
        "etag": '"3181161784712000"',
        "id": "m1",
        "status": "confirmed",
        "updated": "2026-03-03T09:00:00.000Z",
        "summary": "Intro",
        "organizer": {"email": organizer, **({"self": True} if organizer == calendar else {})},
        "start": {"dateTime": start, "timeZone": "UTC"},
        "end": {"dateTime": start.replace("T10", "T11"), "timeZone": "UTC"},
        "iCalUID": "m1@google.com",
        "attendees": [
            {"email": email, "responseStatus": response, **({"self": True} if email == calendar else {})}
            for email, response in people.items()
        ],
        "eventType": "default",
        **changes,
    }


def read(
    shown: dict[str, Any],
    calendar: str = SAM,
    *,
    known: Known | None = None,
    marks: tuple[str, ...] = (),
    **settings: Any,
) -> Told | None:
    """What a copy of an event says. ``marks`` are those of the tools beside it in the connections file."""
    return Reading(connection(**settings), marks).told(CalendarEvent.model_validate(shown), calendar, known)


def told(*states: dict[str, Any]) -> list[Event]:
    """What the states of Sam's copy of an event tell, in the order in which they are read."""
    known, events = None, []
    for state in states:
        if (one := read(state, known=known)) is not None:
            known = one.known
            events += events_of(source_of(connection()), [one.shown()], LATER)
    return events
