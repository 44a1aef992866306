"""``sns_rsa``: messages of Amazon SNS, signed with a certificate that is got from Amazon alone.

What is configured are the ARNs of our topics: Amazon signs everybody's messages. A subscription to one of them is
confirmed when its request has proven itself. Built from Amazon's documentation of SNS signatures, versions 1 and 2.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import override

from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import BadSecret, InvalidSignature, WebhookRequest, check_age
from integrations.kit.proof.scheme import Scheme

_AMAZON = re.compile(r"sns\.[a-z]{2}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?")
"""SNS in a region (``eu-central-1``), and not ``sns.s3.amazonaws.com`` or ``sns.s3-eu-west-1…``: those are the files of
whoever has the bucket named sns, and a certificate there would sign anything."""
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}")
_MESSAGE = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": _MESSAGE,
    "SubscriptionConfirmation": _SUBSCRIPTION,
    "UnsubscribeConfirmation": _SUBSCRIPTION,
}
_MOST_CERTIFICATES = 10
_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


class SnsRsa(Scheme):
    """A message of SNS, of one of our topics."""

    scheme: Literal["sns_rsa"]
    tolerance_seconds: Annotated[int, Field(ge=1, le=259_200)] = 3600
    """How old a message may be: SNS delivers again what it could not deliver, with the time of the first try."""

    @property
    @override
    def has_time(self) -> bool:
        return True

    @override
    def secret_bytes(self, source: str, secret: str) -> None:
        if not _TOPIC.fullmatch(secret):
            remedy = "write one such as arn:aws:sns:eu-central-1:123456789012:bounces"
            raise BadSecret(f"what is configured for {source} is no ARN of a topic", remedy)

    @override
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> SnsVerifier:
        return SnsVerifier(self.tolerance_seconds, frozenset(secrets), web)


class SnsVerifier:
    """The check of a message of SNS."""

    def __init__(self, tolerance: int, topics: frozenset[str], web: Get) -> None:
        self._tolerance, self._topics, self._web = tolerance, topics, web
        self._certificates: dict[str, x509.Certificate] = {}

    async def check(self, request: WebhookRequest, now: datetime) -> None:
        """Raise ``InvalidSignature`` unless Amazon signed the message, of one of our topics, not long ago."""
        message = _texts(request.body)
        if message.get("TopicArn") not in self._topics:
            raise InvalidSignature("the message is of no topic that is configured")
        if (names := _SIGNED.get(message.get("Type", ""))) is None:
            raise InvalidSignature("the message is of no type that SNS has")
        try:
            check_age(_MOMENT.validate_python(message.get("Timestamp", "")).timestamp(), now, self._tolerance)
        except ValidationError:
            raise InvalidSignature("the message has no time") from None
        signed = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
        await self._check_signature(message, signed.encode("utf-8", "surrogatepass"), now)
        if message["Type"] == "SubscriptionConfirmation":
            await self._web(_of_amazon(message.get("SubscribeURL", ""), "the URL that confirms the subscription"))

    async def _check_signature(self, message: Mapping[str, str], signed: bytes, now: datetime) -> None:
        certificate = await self._certificate(message.get("SigningCertURL", ""))
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise InvalidSignature("the certificate is not valid now")
        key, version = certificate.public_key(), message.get("SignatureVersion")
        if not isinstance(key, RSAPublicKey) or version not in ("1", "2"):
            raise InvalidSignature("the message is signed in a way that SNS does not have")
        try:
            signature = base64.b64decode(message.get("Signature", ""), validate=True)
            key.verify(signature, signed, PKCS1v15(), SHA1() if version == "1" else SHA256())  # noqa: S303 - as Amazon's
        except (WrongSignature, ValueError):
            raise InvalidSignature("the signature does not match: a changed message") from None

    async def _certificate(self, url: str) -> x509.Certificate:
        if not urlsplit(_of_amazon(url, "the certificate")).path.endswith(".pem"):
            raise InvalidSignature("the certificate's URL is none of Amazon's")
        if url not in self._certificates:
            try:
                certificate = x509.load_pem_x509_certificate(await self._web(url))
            except ValueError:
                raise InvalidSignature("what stands at the certificate's URL is none") from None
            if len(self._certificates) >= _MOST_CERTIFICATES:
                self._certificates.clear()
            self._certificates[url] = certificate
        return self._certificates[url]


def _texts(body: bytes) -> dict[str, str]:
    try:
        message = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise InvalidSignature("the body is no JSON") from None
    if not isinstance(message, dict):
        raise InvalidSignature("the body is no message of SNS")
    return {name: value for name, value in message.items() if isinstance(value, str)}


def _of_amazon(url: str, what: str) -> str:
    """The URL, if it is Amazon's: nobody else decides where this gateway calls."""
    try:
        parts = urlsplit(url)
        own = parts.scheme == "https" and _AMAZON.fullmatch(parts.netloc) is not None
    except ValueError:
        own = False
    if not own:
        raise InvalidSignature(f"{what} is not at sns.*.amazonaws.com")
    return url
