"""``secret_path``: the last segment of the URL is a secret that only the source knows."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from typing_extensions import override

from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import BadSecret, InvalidSignature, WebhookRequest
from integrations.kit.proof.scheme import Scheme

_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")


class BySecretPath(Scheme):
    """Of a source that knows a secret URL and nothing more. It proves nothing of the body."""

    @property
    @override
    def has_secret_in_path(self) -> bool:
        return True

    @override
    def secret_bytes(self, source: str, secret: str) -> bytes:
        if secret and not _SEGMENT.fullmatch(secret):
            problem = f"a secret of {source} cannot stand in a URL as it is"
            raise BadSecret(problem, "make one of letters, digits, - and _")
        return secret.encode()

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> SecretPathVerifier:
        return SecretPathVerifier([secret.encode() for secret in secrets])


class SecretPath(BySecretPath):
    """The secret URL is all the proof there is: whoever has it may say anything."""

    scheme: Literal["secret_path"]


class SecretPathVerifier:
    """The check of a URL's last segment."""

    def __init__(self, known: Sequence[bytes]) -> None:
        self._known = known

    async def check(self, request: WebhookRequest, now: datetime) -> None:  # noqa: ARG002 - it has no time
        """Raise ``InvalidSignature`` unless it is one of the secrets."""
        if not request.path_secret:
            raise InvalidSignature("the URL does not end with the secret")
        matches = [hmac.compare_digest(known, request.path_secret.encode()) for known in self._known]
        if not any(matches):
            raise InvalidSignature("the secret in the URL is wrong")
