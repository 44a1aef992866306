"""How Calendly sends webhooks: one event each, signed, again for a day, and then never more; never after a 410."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.calendly.simulator.organization import Organization
from integrations.kit.simulator.webhooks import SignedWebhook

_GONE = 410


class CalendlyWebhooks:
    """Requests of an organization's subscriptions, each signed with its own key."""

    largest_batch = 1
    most_attempts = 25
    pauses: tuple[float, ...] = ()

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._target, self._attempt = "", 0

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:
        """One event."""
        self._target, self._attempt = target, attempt
        (event,) = events
        body = json.dumps(event, separators=(",", ":")).encode()
        there = self._organization.to(target)
        seconds = str(int(at.timestamp()))
        headers = {
            "content-type": "application/json",
            "calendly-webhook-signature": signature(there.signing_key if there else "", body, seconds),
        }
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx. A subscription that had none in a day is switched off."""
        taken = 200 <= status < 300  # noqa: PLR2004 - the range of success
        there = self._organization.to(self._target)
        if there and not taken and self._attempt + 1 >= self.most_attempts:
            there.state = "disabled"
        return taken

    def is_final(self, status: int) -> bool:
        """Whether Calendly gives up after this status: after 410 it deletes the subscription."""
        there = self._organization.to(self._target)
        if there and status == _GONE:
            del self._organization.subscriptions[there.uri]
        return status == _GONE


def signature(key: str, body: bytes, seconds: str) -> str:
    """``Calendly-Webhook-Signature``: the time, and a keyed hash of it and the body."""
    signed = hmac.new(key.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"
