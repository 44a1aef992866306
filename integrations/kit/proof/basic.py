"""``basic``: HTTP Basic authentication (RFC 7617). A secret is written ``user:password``."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from typing_extensions import override

from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import BadSecret, InvalidSignature, WebhookRequest
from integrations.kit.proof.scheme import Scheme


class Basic(Scheme):
    """A user and a password, the same in every request. They prove nothing of the body."""

    scheme: Literal["basic"]

    @override
    def secret_bytes(self, source: str, secret: str) -> bytes:
        user, colon, password = secret.partition(":")
        if not user or not colon:
            raise BadSecret(f"a secret of {source} is no user and password", "write it as user:password")
        return password.encode()

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> BasicVerifier:
        return BasicVerifier([secret.encode() for secret in secrets])


class BasicVerifier:
    """The check of a user and a password."""

    def __init__(self, known: Sequence[bytes]) -> None:
        self._known = known

    async def check(self, request: WebhookRequest, now: datetime) -> None:  # noqa: ARG002 - it has no time
        """Raise ``InvalidSignature`` unless they are known."""
        scheme, _, encoded = request.header("Authorization").partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except ValueError:
            given = b""
        matches = [hmac.compare_digest(known, given) for known in self._known]
        if scheme.lower() != "basic" or not any(matches):
            raise InvalidSignature("the user or the password is wrong")
