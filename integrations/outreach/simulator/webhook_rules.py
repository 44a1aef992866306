"""How Outreach sends webhooks: one event each, with the hash of secret and body; any answer counts as delivered."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook


class OutreachPosts:
    """Requests of an organization's subscriptions: after a network failure three more, a second apart."""

    largest_batch = 1
    most_attempts = 4
    pauses: tuple[float, ...] = (1,)

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One event: ``{"secret": …, "body": …}``."""
        (event,) = events
        told = event if isinstance(event, dict) else {}
        body = json.dumps(told.get("body"), separators=(",", ":")).encode()
        headers = {"content-type": "application/json", "outreach-webhook-cleanup-token": "cleanup-token"}
        if secret := str(told.get("secret") or ""):
            headers["Outreach-Webhook-Signature"] = signature(secret, body)
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002
        """Whatever the answer was."""
        return True

    def is_final(self, status: int) -> bool:  # noqa: ARG002
        """An answer is never followed by another attempt."""
        return True


def signature(secret: str, body: bytes) -> str:
    """What stands in the header."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
