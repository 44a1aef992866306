"""``twilio_form``: HMAC-SHA1 over the URL and the form's sorted fields, as Twilio signs.

A body that is no form is covered by its hash in the URL (``bodySHA256``). Twilio signs the URL with or without the
port, so both are tried. The newer HMAC-SHA256 (``X-Twilio-Webhooks-Signature-Settings``) is not taken.
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


class TwilioForm(Scheme):
    """Signed as Twilio signs, with the account's auth token."""

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
        """Raise ``InvalidSignature`` unless one of the tokens signed the URL and the body."""
        given, fields = request.header(self._header).encode(), _signed_fields(request)
        matches = [
            hmac.compare_digest(base64.b64encode(hmac.digest(key, (url + fields).encode(), hashlib.sha1)), given)
            for key in self._keys
            for url in _ways_to_write(request.url)
        ]
        if not any(matches):
            raise InvalidSignature(
                "the signature does not match: another token, a changed body, "
                f"or another public URL than {request.url[:URL_SHOWN]}"
            )


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
