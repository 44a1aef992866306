"""``secret_header``: a header has a secret that only the source knows, the same in every request."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from typing_extensions import override

from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.scheme import Scheme


class SecretHeader(Scheme):
    """A secret in a header. It proves nothing of the body."""

    scheme: Literal["secret_header"]
    header: str
    """The header's name: ``X-Goog-Channel-Token``."""

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> SecretHeaderVerifier:
        return SecretHeaderVerifier(self.header, [secret.encode() for secret in secrets])


class SecretHeaderVerifier:
    """The check of a secret in a header."""

    def __init__(self, header: str, known: Sequence[bytes]) -> None:
        self._header, self._known = header, known

    async def check(self, request: WebhookRequest, now: datetime) -> None:  # noqa: ARG002 - it has no time
        """Raise ``InvalidSignature`` unless it is one of the secrets."""
        given = request.header(self._header).encode()
        matches = [hmac.compare_digest(known, given) for known in self._known]
        if not any(matches):
            raise InvalidSignature(f"the secret in the header {self._header} is wrong")
