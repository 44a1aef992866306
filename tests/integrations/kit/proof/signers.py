"""Each scheme of proof as its source uses it: what it signs with, and a request that it signed.

Made from the vendors' documentation and not with the code that verifies.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qsl

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.kit.proof.request import WebhookRequest

URL = "https://deals.example.com/webhooks/{source}"
FORM = "application/x-www-form-urlencoded"
CERTIFICATE_URL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:bounces"
BODY = '{"id": "e-1", "deal": "acme", "at": null, "text": "Müller & Söhne ✓"}'.encode()
FORM_BODY = b"id=e-1&deal=acme&text=M%C3%BCller+%26+S%C3%B6hne&empty="
SECRETS = ("the first of two secrets", "the second of two secrets")

Sign = Callable[["Signer", int, datetime, str, bytes], Mapping[str, str]]
"""The headers of a request that is signed with the secret of this number: at, URL and body."""


@dataclass(frozen=True)
class Signer:
    """A scheme, and who signs by it."""

    name: str
    auth: str
    """The block ``auth:`` of the mapping file."""
    sign: Sign
    secrets: tuple[str, str] = SECRETS
    """What is configured for the one and for the other secret."""
    header: str = "X-Signature"
    """The header without which nothing is proven."""
    body: bytes = BODY
    content_type: str = "application/json"
    has_time: bool = False
    covers_body: bool = True
    covers_url: bool = False
    query: Callable[[bytes, int], str] = lambda _body, _which: ""
    in_path: bool = False

    @property
    def source(self) -> str:
        return self.name.replace(" ", "_")

    def request(self, at: datetime, which: int = 0, body: bytes | None = None) -> WebhookRequest:
        """A request that the source would send."""
        content = self.body if body is None else body
        query = self.query(content, which)
        url = URL.format(source=self.source) + (f"?{query}" if query else "")
        headers = {"content-type": self.content_type, **self.sign(self, which, at, url, content)}
        by_name = {name.lower(): value for name, value in headers.items()}
        secret = self.secrets[which] if self.in_path else ""
        return WebhookRequest("POST", url, by_name, content, dict(parse_qsl(query)), secret)


def changed(request: WebhookRequest, **parts: object) -> WebhookRequest:
    return replace(request, **parts)  # type: ignore[arg-type] # any of its fields


async def amazon(url: str) -> bytes:
    """What Amazon has at its URLs."""
    assert url.startswith("https://sns.eu-central-1.amazonaws.com/")
    return certificate_of(int(url.rpartition("-")[2][0])) if url.endswith(".pem") else b"<Confirmed/>"


def _hmac(key: str, signed: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(key.encode(), signed, algorithm).digest()


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _header_hex(signer: Signer, which: int, _at: datetime, _url: str, body: bytes) -> Mapping[str, str]:
    return {"X-Signature": _hmac(signer.secrets[which], body).hex()}


def _sha1(signer: Signer, which: int, _at: datetime, _url: str, body: bytes) -> Mapping[str, str]:
    return {"X-Signature": _hmac(signer.secrets[which], body, "sha1").hex()}


def _slack(signer: Signer, which: int, at: datetime, _url: str, body: bytes) -> Mapping[str, str]:
    signature = _hmac(signer.secrets[which], b"v0:" + _seconds(at).encode() + b":" + body).hex()
    return {"X-Slack-Signature": f"v0={signature}", "X-Slack-Request-Timestamp": _seconds(at)}


def _listed(signer: Signer, which: int, at: datetime, _url: str, body: bytes) -> Mapping[str, str]:
    signature = _hmac(signer.secrets[which], _seconds(at).encode() + b"." + body).hex()
    return {"X-Signature": f"t={_seconds(at)},v1=0123abcd,v1={signature},v0=ignored"}


def _numbered(signer: Signer, which: int, _at: datetime, _url: str, body: bytes) -> Mapping[str, str]:
    right = base64.b64encode(_hmac(signer.secrets[which], body)).decode()
    return {"X-DocuSign-Signature-1": "bm90IGl0", "X-DocuSign-Signature-2": right}


def _hubspot(signer: Signer, which: int, at: datetime, url: str, body: bytes) -> Mapping[str, str]:
    milliseconds = str(int(at.timestamp() * 1000))
    signed = b"POST" + url.encode() + body + milliseconds.encode()
    right = base64.b64encode(_hmac(signer.secrets[which], signed)).decode()
    return {"X-Signature": right, "X-Time": milliseconds}


def _path_signed(signer: Signer, which: int, _at: datetime, url: str, body: bytes) -> Mapping[str, str]:
    path = url.removeprefix("https://deals.example.com")
    return {"X-Signature": "sha256=" + _hmac(signer.secrets[which], path.encode() + b"\n" + body).hex()}


def _in_query(_signer: Signer, _which: int, _at: datetime, _url: str, _body: bytes) -> Mapping[str, str]:
    return {}


def _standard(signer: Signer, which: int, at: datetime, _url: str, body: bytes) -> Mapping[str, str]:
    key = base64.b64decode(signer.secrets[which].removeprefix("whsec_"))
    signed = b"msg_1." + _seconds(at).encode() + b"." + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": _seconds(at), "webhook-signature": f"v1,bm90 v1,{right}"}


def _svix(signer: Signer, which: int, at: datetime, url: str, body: bytes) -> Mapping[str, str]:
    headers = _standard(signer, which, at, url, body)
    return {name.replace("webhook", "svix"): value for name, value in headers.items()}


def _basic(signer: Signer, which: int, _at: datetime, _url: str, _body: bytes) -> Mapping[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(signer.secrets[which].encode()).decode()}


def _secret_header(signer: Signer, which: int, _at: datetime, _url: str, _body: bytes) -> Mapping[str, str]:
    return {"X-Goog-Channel-Token": signer.secrets[which]}


def _gong(_signer: Signer, which: int, at: datetime, url: str, body: bytes) -> Mapping[str, str]:
    claims = {"webhook_url": url, "body_sha256": hashlib.sha256(body).hexdigest(), "iat": int(at.timestamp())}
    return {"Authorization": "Bearer " + jwt.encode(claims, rsa_key(which), algorithm="RS256")}


def _sendgrid(_signer: Signer, which: int, at: datetime, _url: str, body: bytes) -> Mapping[str, str]:
    signature = ec_key(which).sign(_seconds(at).encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": _seconds(at),
    }


def _twilio(signer: Signer, which: int, _at: datetime, url: str, body: bytes) -> Mapping[str, str]:
    fields = sorted(parse_qsl(body.decode(), keep_blank_values=True)) if signer.content_type == FORM else []
    signed = url + "".join(name + value for name, value in fields)
    return {"X-Signature": base64.b64encode(_hmac(signer.secrets[which], signed.encode(), "sha1")).decode()}


def _twilio_shared(signer: Signer, which: int, at: datetime, url: str, body: bytes) -> Mapping[str, str]:
    fields = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    signed = url + "".join(name + value for name, value in fields)
    return {
        "X-Signature": base64.b64encode(_hmac(signer.secrets[which], signed.encode(), "sha256")).decode(),
        "X-Twilio-Webhooks-Signature-Settings": "key=deals, algorithm=HMAC_SHA256",
    }


@cache
def rsa_key(which: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(which: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def certificate_of(which: int) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    key, now = rsa_key(which), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=9))
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def sns_message(at: datetime, **parts: str) -> dict[str, str]:
    """A notification of SNS, signed (version 2); ``parts`` are others than usual."""
    message = {
        "Type": "Notification", "MessageId": "e-1", "TopicArn": TOPIC, "Timestamp": at.isoformat(),
        "Message": '{"id": "e-1"}', "SignatureVersion": "2", "SigningCertURL": CERTIFICATE_URL, **parts,
    }  # fmt: skip
    names = ["Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()
    algorithm: hashes.HashAlgorithm = hashes.SHA256() if message["SignatureVersion"] == "2" else hashes.SHA1()  # noqa: S303
    signature = rsa_key(1).sign(signed, padding.PKCS1v15(), algorithm)
    return {"Signature": base64.b64encode(signature).decode(), **message}


def sns_request(message: Mapping[str, str]) -> WebhookRequest:
    return WebhookRequest("POST", URL.format(source="sns"), {}, json.dumps(message).encode())


@cache
def _public(kind: str, which: int) -> str:
    public = rsa_key(which).public_key() if kind == "rsa" else ec_key(which).public_key()
    encoding = Encoding.PEM if kind == "rsa" else Encoding.DER
    written = public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    return written.decode() if kind == "rsa" else base64.b64encode(written).decode()


def _keys(kind: str) -> tuple[str, str]:
    return _public(kind, 0), _public(kind, 1)


BASE64_SECRETS = tuple("whsec_" + base64.b64encode(secret.encode()).decode() for secret in SECRETS)
IN_URL = ("first-of-two-secrets", "second-of-two-secrets")

SIGNERS = [
    Signer("plain", '{scheme: hmac, header: X-Signature, signs: "{body}"}', _header_hex),
    Signer("salesloft", '{scheme: hmac, algorithm: sha1, header: X-Signature, signs: "{body}"}', _sha1),
    Signer(
        "slack",
        '{scheme: hmac, header: X-Slack-Signature, prefix: "v0=", signs: "v0:{timestamp}:{body}",'
        " timestamp: {header: X-Slack-Request-Timestamp}}",
        _slack, header="X-Slack-Signature", has_time=True,
    ),
    Signer(
        "stripe",
        '{scheme: hmac, header: X-Signature, parts: {signature: v1}, signs: "{timestamp}.{body}",'
        " timestamp: {part: t}}",
        _listed, has_time=True,
    ),
    Signer(
        "docusign",
        '{scheme: hmac, encoding: base64, header: X-DocuSign-Signature, numbered: true, signs: "{body}"}',
        _numbered, header="X-DocuSign-Signature-2",
    ),
    Signer(
        "hubspot_like",
        '{scheme: hmac, encoding: base64, header: X-Signature, signs: "{method}{url}{body}{timestamp}",'
        " timestamp: {header: X-Time, unit: ms}}",
        _hubspot, has_time=True, covers_url=True,
    ),
    Signer(
        "path_signed", '{scheme: hmac, header: X-Signature, prefix: "sha256=", signs: "{path}\\n{body}"}',
        _path_signed, covers_url=True,
    ),
    Signer(
        "pandadoc", '{scheme: hmac, query: signature, signs: "{body}"}', _in_query, header="",
        query=lambda body, which: f"signature={_hmac(SECRETS[which], body).hex()}",
    ),
    Signer("standard_like", "{scheme: standard_webhooks}", _standard, secrets=(BASE64_SECRETS[0], BASE64_SECRETS[1]),
           header="webhook-signature", has_time=True),
    Signer("svix", "{scheme: standard_webhooks}", _svix, secrets=(BASE64_SECRETS[0], BASE64_SECRETS[1]),
           header="svix-signature", has_time=True),
    Signer("basic", "{scheme: basic}", _basic, secrets=("ana:password number one", "ana:password number two"),
           header="Authorization", covers_body=False),
    Signer("google", "{scheme: secret_header, header: X-Goog-Channel-Token}", _secret_header,
           header="X-Goog-Channel-Token", covers_body=False),
    Signer("secret_path", "{scheme: secret_path}", _in_query, secrets=IN_URL, header="", covers_body=False,
           in_path=True),
    Signer("gong", "{scheme: jwt_rs256_bodyhash}", _gong, secrets=_keys("rsa"), header="Authorization",
           has_time=True, covers_url=True),
    Signer("sendgrid", "{scheme: ecdsa_p256, tolerance_seconds: 300}", _sendgrid, secrets=_keys("ec"),
           header="X-Twilio-Email-Event-Webhook-Signature", has_time=True),
    Signer("twilio", "{scheme: twilio_form, header: X-Signature}", _twilio, body=FORM_BODY, content_type=FORM,
           covers_url=True),
    Signer("twilio_shared_key", "{scheme: twilio_form, header: X-Signature}", _twilio_shared, body=FORM_BODY,
           content_type=FORM, covers_url=True),
    Signer("twilio_json", "{scheme: twilio_form, header: X-Signature}", _twilio, covers_url=True,
           query=lambda body, _which: f"bodySHA256={hashlib.sha256(body).hexdigest()}"),
]  # fmt: skip
"""One for each way to prove something; SNS, whose signature stands in the message, has tests of its own."""
