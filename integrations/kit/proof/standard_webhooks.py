"""``standard_webhooks``: the Standard Webhooks specification, version 1 (standardwebhooks.com).

Signed is ``{webhook-id}.{webhook-timestamp}.{body}``; ``webhook-signature`` is a list of ``v1,<base64>``, of which one
match is enough. Svix's older names of the headers (``svix-id``) are taken too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from typing_extensions import override

from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import BadSecret, InvalidSignature, WebhookRequest, check_age
from integrations.kit.proof.scheme import Scheme

TOLERANCE_SECONDS = 300
_PREFIX, _VERSION = "whsec_", "v1,"
_MOST_SIGNATURES = 20
_DIGITS = re.compile(r"[0-9]{1,16}")


class StandardWebhooks(Scheme):
    """Signed as Standard Webhooks says."""

    scheme: Literal["standard_webhooks"]

    @property
    @override
    def has_time(self) -> bool:
        return True

    @override
    def secret_bytes(self, source: str, secret: str) -> bytes:
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except ValueError as error:
            problem = f"a secret of {source} is not base64"
            raise BadSecret(problem, f"write it as the source shows it, with or without {_PREFIX}") from error

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> StandardWebhooksVerifier:
        return StandardWebhooksVerifier([self.secret_bytes(source, secret) for secret in secrets])


class StandardWebhooksVerifier:
    """The check of the specification's signatures."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys

    async def check(self, request: WebhookRequest, now: datetime) -> None:
        """Raise ``InvalidSignature`` unless one of the signatures is right."""
        id_, timestamp, signatures = (_header(request, name) for name in ("id", "timestamp", "signature"))
        if not _DIGITS.fullmatch(timestamp):
            raise InvalidSignature("the header webhook-timestamp is no number")
        check_age(int(timestamp), now, TOLERANCE_SECONDS)
        signed = f"{id_}.{timestamp}.".encode() + request.body
        expected = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in self._keys]
        listed = signatures.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]
        given = [one.removeprefix(_VERSION).encode() for one in listed if one.startswith(_VERSION)]
        matches = [hmac.compare_digest(right, one) for right in expected for one in given]
        if not any(matches):
            raise InvalidSignature("the signature does not match: another secret, or a changed body")


def _header(request: WebhookRequest, name: str) -> str:
    return request.headers.get(f"svix-{name}") or request.header(f"webhook-{name}")
