"""``jwt_rs256_bodyhash``: a JWT, signed with RS256, whose claims name the URL and the hash of the body (Gong).

What is configured is the vendor's public key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import Field
from typing_extensions import override

from integrations.kit.proof.public_keys import rsa_key
from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import URL_SHOWN, InvalidSignature, WebhookRequest, check_age
from integrations.kit.proof.scheme import Scheme

_ONLY_SIGNATURE = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
"""The library looks at its own clock; the times are checked here."""


class JwtRs256BodyHash(Scheme):
    """A signed token in a header, made for this one request."""

    scheme: Literal["jwt_rs256_bodyhash"]
    header: str = "Authorization"
    url_claim: str = "webhook_url"
    body_claim: str = "body_sha256"
    """The hash of the body, in hex."""
    tolerance_seconds: Annotated[int, Field(ge=1, le=259_200)] = 300
    """How far the clocks may differ, where the token has times."""

    @property
    @override
    def signs_url(self) -> bool:
        return True

    @override
    def secret_bytes(self, source: str, secret: str) -> None:
        rsa_key(source, secret)

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> JwtVerifier:
        return JwtVerifier(self, [rsa_key(source, secret) for secret in secrets])


class JwtVerifier:
    """The check of such a token."""

    def __init__(self, auth: JwtRs256BodyHash, keys: Sequence[RSAPublicKey]) -> None:
        self._auth, self._keys = auth, keys

    async def check(self, request: WebhookRequest, now: datetime) -> None:
        """Raise ``InvalidSignature`` unless one of the keys signed a token for this URL and body, and it is time."""
        token = request.header(self._auth.header)
        claims = self._claims(token.removeprefix("Bearer ").strip())
        self._check_times(claims, now)
        if not _same(claims.get(self._auth.url_claim), request.url):
            raise InvalidSignature(f"the token is for another URL than {request.url[:URL_SHOWN]}")
        if not _same(claims.get(self._auth.body_claim), hashlib.sha256(request.body).hexdigest()):
            raise InvalidSignature("the token is for another body")

    def _claims(self, token: str) -> Mapping[str, Any]:
        for key in self._keys:
            try:
                claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], options=_ONLY_SIGNATURE)  # type: ignore[arg-type] # its options are a TypedDict
            except (jwt.PyJWTError, ValueError):
                continue
            return claims
        raise InvalidSignature("the token is not signed with a key that is known")

    def _check_times(self, claims: Mapping[str, Any], now: datetime) -> None:
        tolerance = self._auth.tolerance_seconds
        begins, ends = claims.get("nbf", claims.get("iat")), claims.get("exp")
        for time in (begins, ends):
            if time is not None and (isinstance(time, bool) or not isinstance(time, int | float)):
                raise InvalidSignature("a time in the token is no number")
        if ends is not None and not now.timestamp() <= ends + tolerance:
            raise InvalidSignature("the token has expired, in the past")
        if begins is not None and ends is None:
            check_age(begins, now, tolerance)
        elif begins is not None and not now.timestamp() >= begins - tolerance:
            raise InvalidSignature("the token was made in the future")


def _same(given: object, right: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
