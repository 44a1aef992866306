"""How Salesloft sends webhooks: a record each, signed with the subscription's token, which is in the body too.

https://developers.salesloft.com/docs/platform/webhooks/delivery-headers/
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook


class SalesloftPosts:
    """Requests of a team's subscriptions: an event is ``{"type": …, "token": …, "record": …}``."""

    largest_batch = 1
    most_attempts = 4
    pauses: tuple[float, ...] = (15,)

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One record."""
        (event,) = events
        said = event if isinstance(event, dict) else {}
        token, record = str(said.get("token", "")), said.get("record")
        body = json.dumps({**(record if isinstance(record, dict) else {}), "callback_token": token}).encode()
        headers = {
            "content-type": "application/json", "x-salesloft-event": str(said.get("type", "")),
            "x-salesloft-signature": signature(token, body),
        }  # fmt: skip
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - none is
        """None is final."""
        return False


def signature(token: str, body: bytes) -> str:
    """What stands in the header."""
    return hmac.new(token.encode(), body, hashlib.sha1).hexdigest()
