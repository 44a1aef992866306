"""Verifies webhook signatures, over the bytes that came in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.mapping import Hmac, SourceMapping, StandardWebhooks

URL_SHOWN = 200
"""Characters that are shown of the URL that was called."""
MIN_SECRET_BYTES = 16
"""Bytes of a secret, decoded. A shorter one can be found by trying."""
_PREFIX = "whsec_"
_PIECES = re.compile(r"\{(method|url|body|timestamp)\}")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_DIGITS = re.compile(r"[0-9]{1,16}")

_VARIABLE = ("DEALWRIGHT_WEBHOOK_SECRETS",)


class InvalidSignature(Exception):
    """A request does not prove where it comes from; the message says what is wrong with it."""


class BadSecret(BadValue):
    """A webhook secret that cannot be used."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request as it came in."""

    method: str
    url: str
    """The public URL that the source called, as it is written there."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


class SignatureVerifier(Protocol):
    """Verifies that a request comes from its source."""

    def check(self, request: WebhookRequest, now: datetime) -> None:
        """Raise :class:`InvalidSignature` unless the source sent the request. ``now`` is the wall clock's time."""


def verifier_for(mapping: SourceMapping, secrets: Sequence[str]) -> SignatureVerifier:
    """The check of a source's requests; without a secret nothing passes.

    Several secrets may be active, so that one can replace another.

    Raises:
        BadSecret: a secret is empty, or not written as this source's are.
    """
    if not secrets:
        return _NoSecret()
    keys = _keys(mapping, secrets)
    if not all(keys):
        raise BadSecret(f"a secret of {mapping.source} is empty", "leave it out, or write it down", _VARIABLE)
    match mapping.auth:
        case Hmac():
            return _HmacVerifier(mapping.auth, keys)
        case StandardWebhooks():
            return _StandardWebhooksVerifier(secrets)


def check_strength(mapping: SourceMapping, secrets: Sequence[str]) -> None:
    """Check that nobody finds a source's secret by trying.

    Raises:
        BadSecret: one is too short.
    """
    for key in _keys(mapping, secrets):
        if len(key.strip()) < MIN_SECRET_BYTES:
            problem = f"a secret of {mapping.source} has {len(key.strip())} bytes"
            raise BadSecret(problem, f"make one of at least {MIN_SECRET_BYTES}", _VARIABLE)


def _keys(mapping: SourceMapping, secrets: Sequence[str]) -> list[bytes]:
    if isinstance(mapping.auth, Hmac):
        return [secret.encode() for secret in secrets]
    return [_decoded(mapping.source, secret) for secret in secrets]


def _decoded(source: str, secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError as error:
        problem = f"a secret of {source} is not base64"
        raise BadSecret(problem, f"write it as the source shows it, with or without {_PREFIX}", _VARIABLE) from error


class _NoSecret:
    def check(self, request: WebhookRequest, now: datetime) -> None:  # noqa: ARG002 - nothing can prove anything here
        raise InvalidSignature("no secret is configured for this source")


class _HmacVerifier:
    def __init__(self, auth: Hmac, keys: Sequence[bytes]) -> None:
        self._auth, self._keys = auth, keys

    def check(self, request: WebhookRequest, now: datetime) -> None:
        signature = _header(request, self._auth.header)
        signed = self._signed(request, self._timestamp(request, now))
        matches = [hmac.compare_digest(self._expected(key, signed), signature.encode()) for key in self._keys]
        if not any(matches):
            raise InvalidSignature(
                "the signature does not match: another secret, a changed body, "
                f"or another public URL than {request.url[:URL_SHOWN]}"
            )

    def _timestamp(self, request: WebhookRequest, now: datetime) -> str:
        if (limits := self._auth.timestamp) is None:
            return ""
        text = _header(request, limits.header)
        if not _DIGITS.fullmatch(text):
            raise InvalidSignature(f"the header {limits.header} is no number")
        age = now.timestamp() - int(text) / (1000 if limits.unit == "ms" else 1)
        if abs(age) > limits.tolerance_seconds:
            side = "in the past" if age > 0 else "in the future"
            raise InvalidSignature(
                f"it was signed {abs(age):.0f} s {side}: at most {limits.tolerance_seconds} are taken"
            )
        return text

    def _signed(self, request: WebhookRequest, timestamp: str) -> bytes:
        pieces = {
            "method": request.method.encode(),
            "url": self._as_signed(request.url).encode(),
            "body": request.body,
            "timestamp": timestamp.encode(),
        }
        # re.split gives literal texts and names of pieces in turn.
        parts = _PIECES.split(self._auth.signs)
        return b"".join(pieces[part] if turn % 2 else part.encode() for turn, part in enumerate(parts))

    def _as_signed(self, url: str) -> str:
        decodes = {written.upper(): decoded for written, decoded in self._auth.url_decodes.items()}
        return _ENCODED.sub(lambda found: decodes.get(found[0].upper(), found[0]), url)

    def _expected(self, key: bytes, signed: bytes) -> bytes:
        digest = hmac.digest(key, signed, hashlib.sha256 if self._auth.algorithm == "sha256" else hashlib.sha1)
        return base64.b64encode(digest) if self._auth.encoding == "base64" else digest.hex().encode()


class _StandardWebhooksVerifier:
    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [Webhook(secret) for secret in secrets]

    def check(self, request: WebhookRequest, now: datetime) -> None:  # noqa: ARG002 - the library has its own clock
        reason = ""
        for key in self._keys:
            try:
                key.verify(request.body, dict(request.headers), json_parse=False)
            except (WebhookVerificationError, ValueError) as error:
                # A malformed header makes the library raise ValueError.
                reason = str(error) if isinstance(error, WebhookVerificationError) else "a malformed header or body"
            else:
                return
        raise InvalidSignature(reason[:1].lower() + reason[1:])


def _header(request: WebhookRequest, name: str) -> str:
    if not (value := request.headers.get(name.lower())):
        raise InvalidSignature(f"the header {name} is missing")
    return value
