"""Webhooks of one meeting, as Cal.com's documentation has them, and what its API answers about the bookings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from integrations.cal_com.settings import CalComConnection
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.registry import shipped_mappings
from store.intake import Event

RECEIVED = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
DEMO_TYPE = 102
_MAPPING = shipped_mappings()["cal_com"]


def source(event_types: dict[str, str] | None = None, **settings: str) -> Source:
    given: dict[str, object] = {"token": SecretStr("t"), "event_types": event_types or {}, "settings": settings}
    connection = CalComConnection.model_validate(given)
    return _MAPPING.with_settings(connection.settings, connection.tables)


def fetched(**about: object) -> dict[str, Any]:
    """What is known of a booking of the meeting ``a``, at which somebody appeared."""
    whole = {"first": "a", "deal": "acme", "moved": False, "event_type": 101, "accepted": True, "came": True}
    return {**whole, **about}


def read(document: dict[str, Any], known: dict[str, Any] | None = None, of: Source | None = None) -> Event:
    """The one event of a webhook, with what was fetched if it asks for something."""
    (event,) = events_from(of or source(), document, RECEIVED)
    if event.fact == "fetch":
        (event,) = events_after_fetch(of or source(), event, known or fetched())
    return event


def webhook(trigger: str, uid: str, at: str, starts_at: str = "2026-03-05T10:00:00Z", **more: Any) -> dict[str, Any]:
    """What is told of a booking. ``at`` is when it happened."""
    payload = {
        "uid": uid, "bookingId": 1, "startTime": starts_at, "endTime": "2026-03-06T10:30:00Z", "status": "ACCEPTED",
        "attendees": [{"email": "guest@buyer.example", "name": "Guest"}], "location": "integrations:daily",
        "metadata": {"videoCallUrl": "https://video.example/a"},
    }  # fmt: skip
    if trigger == "BOOKING_CANCELLED":
        del payload["metadata"]
    return {"triggerEvent": trigger, "createdAt": at, "payload": payload | more}


def no_show(uid: str, at: str, *, absent: bool, **more: Any) -> dict[str, Any]:
    """The mark that somebody did not come, or that it is taken back."""
    marks = [{"email": "guest@buyer.example", "noShow": absent}]
    payload = {"bookingUid": uid, "bookingId": 1, "message": "marked", "attendees": marks}
    return {"triggerEvent": "BOOKING_NO_SHOW_UPDATED", "createdAt": at, "payload": payload | more}


def ended(uid: str) -> dict[str, Any]:
    """The end of a meeting's time, which is told without ``payload``."""
    flat = webhook("MEETING_ENDED", uid, "2026-03-03T09:00:00Z")
    return {**flat.pop("payload"), **flat}
