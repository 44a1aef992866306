"""How Stripe sends webhooks: one event each, signed, again for three days with growing pauses."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook


class StripeWebhooks:
    """Requests of an account's endpoint, signed with its secret."""

    largest_batch = 1
    most_attempts = 16
    pauses: tuple[float, ...] = (60, 300, 1800, 7200, 18_000, 36_000)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One event. Each attempt is signed anew."""
        (event,) = events
        body = json.dumps(event, indent=2).encode()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "stripe-signature": signature(self._secret, body, str(int(at.timestamp()))),
        }
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - none is
        """Stripe tries again after any answer."""
        return False


def signature(secret: str, body: bytes, seconds: str) -> str:
    """``Stripe-Signature``: the time, a keyed hash of it and the body, and one of a scheme that proves nothing."""
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed},v0={signed[::-1]}"
