"""Every scheme of proof, as one union."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from integrations.kit.proof.basic import Basic
from integrations.kit.proof.confirm_by_get import ConfirmByGet
from integrations.kit.proof.ecdsa_p256 import EcdsaP256
from integrations.kit.proof.hmac_signature import Hmac
from integrations.kit.proof.jwt_rs256_bodyhash import JwtRs256BodyHash
from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import BadSecret, InvalidSignature, SignatureVerifier, WebhookRequest
from integrations.kit.proof.scheme import Scheme
from integrations.kit.proof.secret_header import SecretHeader
from integrations.kit.proof.secret_path import SecretPath
from integrations.kit.proof.sns_rsa import SnsRsa
from integrations.kit.proof.standard_webhooks import StandardWebhooks
from integrations.kit.proof.twilio_form import TwilioForm

MIN_SECRET_BYTES = 16
"""Bytes of a secret, decoded. A shorter one can be found by trying."""

Auth = Annotated[
    Hmac | StandardWebhooks | Basic | SecretPath | SecretHeader | JwtRs256BodyHash | EcdsaP256 | SnsRsa | TwilioForm
    | ConfirmByGet,
    Field(discriminator="scheme"),
]  # fmt: skip
"""The block ``auth:`` of a mapping file."""


def verifier_for(source: str, auth: Scheme, secrets: Sequence[str], web: Get = get) -> SignatureVerifier:
    """The check of a source's requests; without a secret nothing passes.

    Several secrets may be active, so that one can replace another.

    Raises:
        BadSecret: a secret is empty, or not written as this source's are.
    """
    if not secrets:
        return _NoSecret()
    for secret in secrets:
        if not secret.strip() or auth.secret_bytes(source, secret) == b"":
            raise BadSecret(f"a secret of {source} is empty", "leave it out, or write it down")
    return auth.verifier(source, secrets, web)


def check_strength(source: str, auth: Scheme, secrets: Sequence[str]) -> None:
    """Check that nobody finds a source's secret by trying.

    Raises:
        BadSecret: one is too short.
    """
    for secret in secrets:
        hidden = auth.secret_bytes(source, secret)
        if hidden is not None and len(hidden.strip()) < MIN_SECRET_BYTES:
            problem = f"a secret of {source} has {len(hidden.strip())} bytes"
            raise BadSecret(problem, f"make one of at least {MIN_SECRET_BYTES}")


class _NoSecret:
    async def check(self, request: WebhookRequest, now: datetime) -> None:  # noqa: ARG002 - nothing can prove anything
        raise InvalidSignature("no secret is configured for this source")
