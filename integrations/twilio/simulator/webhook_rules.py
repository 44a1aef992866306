"""How Twilio sends webhooks: one form each, signed with the auth token, and once more where nobody was reached.

https://www.twilio.com/docs/usage/security, https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook


class TwilioWebhooks:
    """Requests of an account, signed with its auth token."""

    largest_batch = 1
    most_attempts = 2
    pauses: tuple[float, ...] = (1,)

    def __init__(self, token: str) -> None:
        self._token = token

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One form."""
        (event,) = events
        fields = {name: str(value) for name, value in event.items()} if isinstance(event, dict) else {}
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": signature(self._token, target, fields),
            "i-twilio-idempotency-token": hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()[:32],
        }
        return SignedWebhook(target, headers, urlencode(fields).encode())

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - whatever it was
        """An answer is an answer: only who cannot be reached is tried again."""
        return True


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """``X-Twilio-Signature``: a keyed hash of the URL, and of the sorted fields one after another."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), hashlib.sha1)).decode()
