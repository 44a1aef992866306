"""How HubSpot sends webhooks: up to a hundred events a request, in any order, ten times again, signed in v1 and v3."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook

_FINAL = {400, 401, 403, 404, 405}
"""Answers after which HubSpot does not try again."""


class HubSpotWebhooks:
    """Requests of a project app, signed with its client secret."""

    largest_batch = 100
    most_attempts = 11
    pauses: tuple[float, ...] = ()

    def __init__(self, client_secret: str) -> None:
        self._secret = client_secret

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:
        """An array of events."""
        numbered = [{**event, "attemptNumber": attempt} for event in events if isinstance(event, dict)]
        body = json.dumps(numbered, separators=(",", ":")).encode()
        milliseconds = str(int(at.timestamp() * 1000))
        headers = {
            "content-type": "application/json",
            "user-agent": "HubSpot Connect 2.0 (simulator)",
            "x-hubspot-request-timestamp": milliseconds,
            "x-hubspot-signature": hashlib.sha256(self._secret.encode() + body).hexdigest(),
            "x-hubspot-signature-version": "v1",
            "x-hubspot-signature-v3": signature_v3(self._secret, "POST", target, body, milliseconds),
        }
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:
        """Whether HubSpot gives up after this status."""
        return status in _FINAL


def signature_v3(secret: str, method: str, url: str, body: bytes, milliseconds: str) -> str:
    """``X-HubSpot-Signature-v3``: HMAC-SHA256 over method, URI, body and timestamp, in base64."""
    signed = method.encode() + url.encode() + body + milliseconds.encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()
