"""How Connect sends events (JSON, SIM): each by itself, signed with every HMAC key of the account.

https://developers.docusign.com/platform/webhooks/connect/json-sim-event-model
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook

_DAY = 86_400.0


class ConnectPosts:
    """Requests of the account's configurations."""

    largest_batch = 1
    most_attempts = 11
    pauses: tuple[float, ...] = (_DAY,)

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One event, with the number of times that it was tried before."""
        (event,) = events
        told = event if isinstance(event, dict) else {}
        body = json.dumps({**told, "retryCount": attempt}).encode()
        signed = {
            f"X-DocuSign-Signature-{number}": signature(key, body) for number, key in enumerate(self._keys, start=1)
        }
        headers = {"content-type": "application/json", "X-Authorization-Digest": "HMACSHA256", **signed}
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - none is
        """Whatever else is answered: it is tried again."""
        return False


def signature(key: str, body: bytes) -> str:
    """What stands in a header."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
