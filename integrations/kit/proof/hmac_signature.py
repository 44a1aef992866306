"""``hmac``: a keyed hash of the request, in a header, the query or a field of the body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from itertools import count, islice
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator
from typing_extensions import override

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.recorded import Given
from integrations.kit.forms import field_of
from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import URL_SHOWN, InvalidSignature, WebhookRequest, check_age
from integrations.kit.proof.scheme import Scheme

MOST_SIGNATURES = 20
"""Signatures of one request that are looked at."""
_FIELD = r"body\.[A-Za-z0-9_.-]+"
_PIECE = rf"\{{(?:method|url|path|body|timestamp|{_FIELD})\}}"
_PIECES = re.compile(f"({_PIECE})")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_DIGITS = re.compile(r"[0-9]{1,16}")


class _Place(Given):
    """Where in a request a value stands."""

    header: str | None = None
    query: str | None = None
    field: str | None = None
    """A field of the body, JSON or a form: ``signature.token``."""

    def read(self, request: WebhookRequest) -> str:
        """The value there.

        Raises:
            InvalidSignature: there is none.
        """
        if self.header is not None:
            return request.header(self.header)
        if self.query is not None:
            if not (value := request.query.get(self.query)):
                raise InvalidSignature(f"the URL has no {self.query}=")
            return value
        if not (value := field_of(request.body, request.headers.get("content-type", ""), self.field or "")):
            raise InvalidSignature(f"the body has no {self.field}")
        return value


class SignedTime(_Place):
    """Where the time of signing stands, and how far it may be from now, into the past and the future."""

    part: str | None = None
    """The name of its part, where it stands beside the signature: ``t`` of ``t=…,v1=…``."""
    unit: Literal["s", "ms"] = "s"
    tolerance_seconds: Annotated[int, Field(ge=1, le=259_200)] = 300

    @model_validator(mode="after")
    def _in_one_place(self) -> Self:
        if sum(place is not None for place in (self.header, self.query, self.field, self.part)) != 1:
            raise BadValue("the time stands in one place", "write one of header:, query:, field: and part:")
        return self


class SignatureParts(Given):
    """A value that is a list: ``t=1700000000,v1=5257a8…``."""

    separator: Literal[",", " ", ";"] = ","
    signature: str
    """The name of the part with the signature. There may be several of that name; one match is enough."""


class Hmac(_Place, Scheme):
    """A keyed hash of the request."""

    scheme: Literal["hmac"]
    algorithm: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    numbered: bool = False
    """Whether there are several headers with signatures, ``<header>-1`` and so on; one match is enough."""
    prefix: str = ""
    """What stands before the signature: ``v0=``, ``sha256=``."""
    parts: SignatureParts | None = None
    signs: Annotated[
        str, StringConstraints(pattern=rf"^(?:[^{{}}]|\{{(?:method|url|path|body|timestamp|{_FIELD})\}})+$")
    ]
    """What is hashed: a text with ``{method}``, ``{url}``, ``{path}`` (with the query), ``{body}``, ``{timestamp}``
    and fields of the body (``{body.signature.token}``), as they came in."""
    url_decodes: dict[str, str] = {}
    """Percent-encodings that the source decodes in the URL before it signs."""
    timestamp: SignedTime | None = None

    @model_validator(mode="after")
    def _has_what_it_signs(self) -> Self:
        if sum(place is not None for place in (self.header, self.query, self.field)) != 1:
            raise BadValue("the signature stands in one place", "write one of header:, query: and field:")
        if ("{timestamp}" in self.signs) != (self.timestamp is not None):
            problem = "timestamp: and {timestamp} in signs: belong together"
            raise BadValue(problem, "write both, or neither")
        if self.numbered and self.header is None:
            raise BadValue("only headers are numbered", "write header:")
        if self.timestamp and self.timestamp.part is not None and self.parts is None:
            raise BadValue("the time is a part of nothing", "write parts: with the name of the signature's part")
        return self

    @property
    @override
    def has_time(self) -> bool:
        return self.timestamp is not None

    @property
    @override
    def signs_url(self) -> bool:
        return "{url}" in self.signs or "{path}" in self.signs

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> HmacVerifier:
        return HmacVerifier(self, [secret.encode() for secret in secrets])


class HmacVerifier:
    """The check of a keyed hash."""

    def __init__(self, auth: Hmac, keys: Sequence[bytes]) -> None:
        self._auth, self._keys = auth, keys

    async def check(self, request: WebhookRequest, now: datetime) -> None:
        """Raise ``InvalidSignature`` unless one of the signatures is right."""
        values = self._values(request)
        signed = self._signed(request, self._timestamp(request, values, now))
        signatures = [found.encode() for value in values for found in self._signatures_in(value)][:MOST_SIGNATURES]
        expected = [self._expected(key, signed) for key in self._keys]
        matches = [hmac.compare_digest(right, given) for right in expected for given in signatures]
        if not any(matches):
            raise InvalidSignature(
                "the signature does not match: another secret, a changed body, "
                f"or another public URL than {request.url[:URL_SHOWN]}"
            )

    def _values(self, request: WebhookRequest) -> list[str]:
        if not self._auth.numbered:
            return [self._auth.read(request)]
        names = (f"{self._auth.header}-{number}" for number in islice(count(1), MOST_SIGNATURES))
        if not (values := [value for name in names if (value := request.headers.get(name.lower()))]):
            raise InvalidSignature(f"the header {self._auth.header}-1 is missing")
        return values

    def _signatures_in(self, value: str) -> list[str]:
        found = _parts(self._auth.parts, value, self._auth.parts.signature) if self._auth.parts else [value]
        prefix = self._auth.prefix
        return [one.removeprefix(prefix) for one in found if one.startswith(prefix)]

    def _timestamp(self, request: WebhookRequest, values: Sequence[str], now: datetime) -> str:
        if (limits := self._auth.timestamp) is None:
            return ""
        if limits.part is not None and self._auth.parts is not None:
            text = next(iter(_parts(self._auth.parts, values[0], limits.part)), "")
            where = f"the part {limits.part}"
        else:
            text, where = limits.read(request), f"the {'header' if limits.header else 'value'} {limits.header or ''}"
        if not _DIGITS.fullmatch(text):
            raise InvalidSignature(f"{where.rstrip()} is no number")
        check_age(int(text) / (1000 if limits.unit == "ms" else 1), now, limits.tolerance_seconds)
        return text

    def _signed(self, request: WebhookRequest, timestamp: str) -> bytes:
        # re.split gives literal texts and pieces in braces in turn.
        texts = enumerate(_PIECES.split(self._auth.signs))
        return b"".join(self._piece(text, request, timestamp) if turn % 2 else text.encode() for turn, text in texts)

    def _piece(self, name: str, request: WebhookRequest, timestamp: str) -> bytes:
        match name.strip("{}"):
            case "method":
                return request.method.encode()
            case "url":
                return self._as_signed(request.url).encode()
            case "path":
                called = urlsplit(request.url)
                return self._as_signed(f"{called.path}?{called.query}" if called.query else called.path).encode()
            case "body":
                return request.body
            case "timestamp":
                return timestamp.encode()
            case field:
                return _Place(field=field.removeprefix("body.")).read(request).encode()

    def _as_signed(self, url: str) -> str:
        decodes = {written.upper(): decoded for written, decoded in self._auth.url_decodes.items()}
        return _ENCODED.sub(lambda found: decodes.get(found[0].upper(), found[0]), url)

    def _expected(self, key: bytes, signed: bytes) -> bytes:
        digest = hmac.digest(key, signed, hashlib.sha256 if self._auth.algorithm == "sha256" else hashlib.sha1)
        return base64.b64encode(digest) if self._auth.encoding == "base64" else digest.hex().encode()


def _parts(how: SignatureParts, value: str, name: str) -> list[str]:
    """The values of all parts of a name, in order."""
    pairs = (piece.strip().partition("=") for piece in value.split(how.separator, 2 * MOST_SIGNATURES))
    return [text for key, _, text in pairs if key == name]
