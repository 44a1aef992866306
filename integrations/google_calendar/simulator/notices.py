"""How Google sends notices: without a body, proven by the channel's token, and again after some errors.

https://developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from pydantic import JsonValue

from integrations.google_calendar.simulator.api import resource_uri
from integrations.google_calendar.simulator.workspace import Channel
from integrations.kit.simulator.webhooks import SignedWebhook

_TAKEN = frozenset({102, 200, 201, 202, 204})
_AGAIN = frozenset({500, 502, 503, 504})


class GoogleNotices:
    """Requests of watch channels."""

    largest_batch = 1
    most_attempts = 10
    pauses: tuple[float, ...] = ()

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002 - an attempt is like the others
        """One notice."""
        (notice,) = events
        headers = {str(name): str(value) for name, value in notice.items()} if isinstance(notice, dict) else {}
        return SignedWebhook(target, {"user-agent": "APIs-Google", **headers}, b"")

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """By the status."""
        return status in _TAKEN

    def is_final(self, status: int) -> bool:
        """Whether Google gives up after this status."""
        return status not in _AGAIN


def notice(channel: Channel, state: str) -> JsonValue:
    """A notice's headers."""
    return {
        "x-goog-channel-id": channel.id,
        "x-goog-channel-token": channel.token,
        "x-goog-channel-expiration": format_datetime(channel.ends_at),
        "x-goog-resource-id": channel.resource_id,
        "x-goog-resource-uri": resource_uri(channel.calendar),
        "x-goog-resource-state": state,
        "x-goog-message-number": str(channel.sent),
    }
