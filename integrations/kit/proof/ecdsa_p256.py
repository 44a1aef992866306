"""``ecdsa_p256``: ECDSA with SHA-256 over a timestamp and the body, as SendGrid signs its events.

What is configured is the vendor's public key.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import Field
from typing_extensions import override

from integrations.kit.proof.public_keys import p256_key
from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import InvalidSignature, WebhookRequest, check_age
from integrations.kit.proof.scheme import Scheme

_DIGITS = re.compile(r"[0-9]{1,16}")


class EcdsaP256(Scheme):
    """A signature over the timestamp and the body, both in headers of their own."""

    scheme: Literal["ecdsa_p256"]
    header: str = "X-Twilio-Email-Event-Webhook-Signature"
    timestamp_header: str = "X-Twilio-Email-Event-Webhook-Timestamp"
    tolerance_seconds: Annotated[int, Field(ge=1, le=259_200)] = 600

    @property
    @override
    def has_time(self) -> bool:
        return True

    @override
    def secret_bytes(self, source: str, secret: str) -> None:
        p256_key(source, secret)

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> EcdsaVerifier:
        return EcdsaVerifier(self, [p256_key(source, secret) for secret in secrets])


class EcdsaVerifier:
    """The check of such a signature."""

    def __init__(self, auth: EcdsaP256, keys: Sequence[EllipticCurvePublicKey]) -> None:
        self._auth, self._keys = auth, keys

    async def check(self, request: WebhookRequest, now: datetime) -> None:
        """Raise ``InvalidSignature`` unless one of the keys made the signature."""
        signature, timestamp = request.header(self._auth.header), request.header(self._auth.timestamp_header)
        if not _DIGITS.fullmatch(timestamp):
            raise InvalidSignature(f"the header {self._auth.timestamp_header} is no number")
        check_age(int(timestamp), now, self._auth.tolerance_seconds)
        signed = timestamp.encode() + request.body
        if not any(_made(key, signature, signed) for key in self._keys):
            raise InvalidSignature("the signature does not match: another key, or a changed body")


def _made(key: EllipticCurvePublicKey, signature: str, signed: bytes) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), signed, ECDSA(SHA256()))
    except (WrongSignature, ValueError):
        return False
    return True
