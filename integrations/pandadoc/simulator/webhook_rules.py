"""How PandaDoc sends webhooks: a list of one event, signed in the query, with an id that stays over retries."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook


class PandaDocPosts:
    """Requests of a workspace's subscription, signed with its shared key."""

    largest_batch = 1
    most_attempts = 4
    pauses: tuple[float, ...] = (60, 300, 1800)

    def __init__(self, key: str) -> None:
        self._key = key

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One event, as it was logged: ``{"uuid": …, "body": …}``."""
        (event,) = events
        logged = event if isinstance(event, dict) else {}
        body = str(logged.get("body", "")).encode()
        headers = {"content-type": "application/json", "X-PandaDoc-Webhook-Event-Id": str(logged.get("uuid", ""))}
        return SignedWebhook(f"{target}?signature={signature(self._key, body)}", headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - none is
        """PandaDoc tries again after any other answer."""
        return False


def signature(key: str, body: bytes) -> str:
    """What stands in the query."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
