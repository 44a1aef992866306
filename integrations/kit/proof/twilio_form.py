"""``twilio_form``: an HMAC over the URL and the form's sorted fields, as Twilio signs.

A body that is no form is covered by its hash in the URL (``bodySHA256``). Twilio signs the URL with or without the
port, so both are tried. It signs with the auth token and SHA-1, or, where a webhook rule says so, with a shared key
and the algorithm that stands in ``X-Twilio-Webhooks-Signature-Settings``
(https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys, in public beta as of September 2026, and
``examples/WebhookSignatureValidation.md`` of twilio-node).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

from integrations.kit.forms import MOST_FIELDS, is_form
from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import URL_SHOWN, InvalidSignature, WebhookRequest
from integrations.kit.proof.scheme import Scheme

_PORTS = {"https": 443, "http": 80}
_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
"""``key=<the shared key's name>,algorithm=HMAC_SHA256``; requests without it are signed with the auth token."""
_DIGESTS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}


class TwilioForm(Scheme):
    """Signed as Twilio signs, with the account's auth token or a shared key."""

    scheme: Literal["twilio_form"]
    header: str = "X-Twilio-Signature"

    @property
    @override
    def signs_url(self) -> bool:
        return True

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> TwilioVerifier:
        return TwilioVerifier(self.header, [secret.encode() for secret in secrets])


class TwilioVerifier:
    """The check of Twilio's signature."""

    def __init__(self, header: str, keys: Sequence[bytes]) -> None:
        self._header, self._keys = header, keys

    async def check(self, request: WebhookRequest, now: datetime) -> None:  # noqa: ARG002 - it has no time
        """Raise ``InvalidSignature`` unless one of the tokens or keys signed the URL and the body."""
        given, fields = request.header(self._header).encode(), _signed_fields(request)
        digest = _DIGESTS[_algorithm(request)]
        matches = [
            hmac.compare_digest(base64.b64encode(hmac.digest(key, (url + fields).encode(), digest)), given)
            for key in self._keys
            for url in _ways_to_write(request.url)
        ]
        if not any(matches):
            raise InvalidSignature(
                "the signature does not match: another token, a changed body, "
                f"or another public URL than {request.url[:URL_SHOWN]}"
            )


def _algorithm(request: WebhookRequest) -> str:
    settings = request.headers.get(_SETTINGS.lower())
    if settings is None:
        return "HMAC_SHA1"
    parts = dict(part.strip().partition("=")[::2] for part in settings.split(","))
    algorithm = parts.get("algorithm", "")
    if algorithm not in _DIGESTS:
        raise InvalidSignature(f"{_SETTINGS} names no algorithm that is known: {' or '.join(_DIGESTS)}")
    return algorithm


def _signed_fields(request: WebhookRequest) -> str:
    if not is_form(request.headers.get("content-type", "")):
        right = hashlib.sha256(request.body).hexdigest()
        if not hmac.compare_digest(right.encode(), request.query.get("bodySHA256", "").lower().encode()):
            raise InvalidSignature("the body is not the one whose hash is in the URL")
        return ""
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InvalidSignature("the body is no form, or has too many fields") from None
    return "".join(name + value for name, value in sorted(set(pairs)))


def _ways_to_write(url: str) -> list[str]:
    """The URL as it is, without its port, and with the port of its scheme."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return [url, *(parts._replace(netloc=netloc).geturl() for netloc in (host, f"{host}:{port}"))]
