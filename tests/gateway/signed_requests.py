"""Signed webhook requests, made from the sources' documentation and not with the gateway's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hubspot_headers(url: str, body: bytes, *, secret: str = HUBSPOT_SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int((time.time() if at is None else at) * 1000))
    signed = b"POST" + url.encode() + body + timestamp.encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return {
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Request-Timestamp": timestamp,
        "Content-Type": "application/json",
    }


def standard_headers(
    message_id: str, body: bytes, *, secret: str = STANDARD_SECRET, at: datetime | None = None
) -> dict[str, str]:
    signed_at = at or datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, signed_at, body.decode()),
        "Content-Type": "application/json",
    }


def hubspot_event(number: int, **changes: object) -> dict[str, object]:
    """An event as HubSpot's documentation shows them."""
    event: dict[str, object] = {
        "eventId": number,
        "subscriptionId": 12345,
        "portalId": 62515,
        "appId": 54321,
        "occurredAt": 1_796_000_000_000 + number * 1000,
        "subscriptionType": "deal.propertyChange",
        "attemptNumber": 0,
        "objectId": 9001,
        "changeSource": "CRM_UI",
        "propertyName": "dealstage",
        "propertyValue": "qualifiedtobuy",
    }
    return {name: value for name, value in (event | changes).items() if value is not None}


def created(number: int = 1, **changes: object) -> dict[str, object]:
    return hubspot_event(number, subscriptionType="deal.creation", propertyName=None, propertyValue=None, **changes)


def as_body(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
