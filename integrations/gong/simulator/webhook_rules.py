"""How Gong sends webhooks: one call each, with a JWT that names the URL and the body's hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import jwt
from pydantic import JsonValue

from integrations.gong.simulator.account import Account
from integrations.kit.simulator.webhooks import SignedWebhook

_GOOD_FOR = timedelta(minutes=5)


class GongWebhooks:
    """Requests of an account's automation rule. How often Gong tries again is not documented."""

    largest_batch = 1
    most_attempts = 5
    pauses: tuple[float, ...] = ()

    def __init__(self, account: Account) -> None:
        self._account = account

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One call."""
        (event,) = events
        body = json.dumps(event, separators=(",", ":")).encode()
        claims = {
            "webhook_url": target, "body_sha256": hashlib.sha256(body).hexdigest(),
            "exp": int((at + _GOOD_FOR).timestamp()),
        }  # fmt: skip
        token = jwt.encode(claims, self._account.rsa, algorithm="RS256")
        headers = {"content-type": "application/json", "authorization": token}
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - none is
        """None is final."""
        return False
