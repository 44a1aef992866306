"""How Cal.com sends webhooks: one trigger each, signed, and once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.cal_com.simulator.account import Account
from integrations.kit.simulator.webhooks import SignedWebhook


class CalComWebhooks:
    """Requests of an account's webhooks, each signed with its own secret."""

    largest_batch = 1
    most_attempts = 1
    pauses: tuple[float, ...] = ()

    def __init__(self, account: Account) -> None:
        self._account = account

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002 - it says neither
        """One trigger."""
        (event,) = events
        body = json.dumps(event, separators=(",", ":")).encode()
        there = self._account.to(target)
        headers = {
            "content-type": "application/json",
            "x-cal-signature-256": signature(there.secret if there else None, body),
            "x-cal-webhook-version": "2021-10-20",
        }
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - it never tries again
        """It gives up after the first attempt."""
        return True


def signature(secret: str | None, body: bytes) -> str:
    """``X-Cal-Signature-256``: a keyed hash of the body, or a literal where there is no secret."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() if secret else "no-secret-provided"
