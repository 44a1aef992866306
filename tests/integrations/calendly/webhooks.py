"""Webhooks of one meeting, as Calendly sends them: made from the recorded ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from integrations.calendly.settings import CalendlyConnection
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.registry import shipped_mappings
from store.intake import Event

SAMPLES = Path(__file__).parent / "samples"
RECEIVED = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
DEMO_TYPE = "https://api.calendly.com/event_types/00000000-0000-0000-0000-0000000000e1"
INVITEES = "https://api.calendly.com/scheduled_events/e/invitees"
_MAPPING = shipped_mappings()["calendly"]
FROM_US = {"utm_source": "dealwright", "utm_content": "acme"}


def source(event_types: dict[str, str] | None = None, **settings: str) -> Source:
    given: dict[str, object] = {"token": SecretStr("t"), "event_types": event_types or {}, "settings": settings}
    connection = CalendlyConnection.model_validate(given)
    return _MAPPING.with_settings(connection.settings, connection.tables)


def recorded(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return read


def read(document: dict[str, Any], fetched: dict[str, Any] | None = None, of: Source | None = None) -> Event:
    """The one event of a webhook; with what was fetched, if it hints at something."""
    (event,) = events_from(of or source(), document, RECEIVED)
    if event.fact == "fetch" and fetched is not None:
        (event,) = events_after_fetch(of or source(), event, fetched)
    return event


def webhook(event: str, invitee: str, at: str, starts_at: str, old: str | None = None, **more: Any) -> dict[str, Any]:
    """What is told of a booking. ``at`` is when it happened."""
    sample = recorded("invitee.created")
    payload = sample["payload"] | {
        "uri": f"{INVITEES}/{invitee}", "created_at": at, "old_invitee": f"{INVITEES}/{old}" if old else None,
        "tracking": sample["payload"]["tracking"] | FROM_US,
    }  # fmt: skip
    payload["scheduled_event"] = payload["scheduled_event"] | {"start_time": starts_at}
    if event == "invitee.canceled":
        payload |= {"status": "canceled", "cancellation": {"created_at": at}}
    if event == "invitee_no_show.created":
        payload["no_show"] = {"uri": f"https://api.calendly.com/invitee_no_shows/{at}", "created_at": at}
    return sample | {"event": event, "created_at": at, "payload": payload | more}
