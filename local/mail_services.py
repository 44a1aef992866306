"""Mail services as they call webhooks, each call proven as the service does it: for whoever plays one of them.

Sources: https://postmarkapp.com/developer/webhooks/webhooks-overview,
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features,
https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook,
https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks and
https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LOGIN = "mail-service:local-mail-password"
"""User and password of those who sign nothing."""
MAILGUN_KEY = "local-mailgun-signing-key"
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_EVENTS = "X-Twilio-Email-Event-Webhook"


class WebhookCall(NamedTuple):
    """A request to ``/webhooks/<source>``."""

    source: str
    body: bytes
    headers: Mapping[str, str]


def raw_mail(raw: bytes, *, sender: str = "", recipient: str = "") -> WebhookCall:
    """A message as a mail server hands it on, with its envelope where that is given."""
    envelope = {"X-Envelope-Sender": sender, "X-Envelope-Recipient": recipient}
    given = {name: value for name, value in envelope.items() if value}
    return WebhookCall("mail", raw, {**_basic(), "Content-Type": "message/rfc822", **given})


def postmark_record(record: Mapping[str, object]) -> WebhookCall:
    """Anything that Postmark tells."""
    return WebhookCall("postmark", json.dumps(record).encode(), {**_basic(), "Content-Type": _JSON})


def postmark_mail(raw: bytes, *, sender: str, recipient: str) -> WebhookCall:
    """A message that came to Postmark, raw."""
    return postmark_record({"FromFull": {"Email": sender}, "RawEmail": raw.decode(), "OriginalRecipient": recipient})


def sendgrid_events(events: Sequence[Mapping[str, object]]) -> WebhookCall:
    """What SendGrid's signed event webhook tells."""
    body = json.dumps(events).encode()
    return WebhookCall("sendgrid", body, {**_sendgrid_signature(body), "Content-Type": _JSON})


def sendgrid_signed_mail(raw: bytes) -> WebhookCall:
    """A message that came to SendGrid, raw, by an Inbound Parse that is signed."""
    _, body, headers = sendgrid_mail(raw)
    return WebhookCall("sendgrid", body, {**_sendgrid_signature(body), "Content-Type": headers["Content-Type"]})


def sendgrid_mail(raw: bytes) -> WebhookCall:
    """A message that came to SendGrid, raw, by an Inbound Parse that signs nothing."""
    head = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n'
    headers = {**_basic(), "Content-Type": "multipart/form-data; boundary=x"}
    return WebhookCall("sendgrid_parse", head + raw + b"\r\n--x--\r\n", headers)


def mailgun_event(event: Mapping[str, object]) -> WebhookCall:
    """What Mailgun's webhook tells."""
    body = json.dumps({"signature": _mailgun_signature(), "event-data": event}).encode()
    return WebhookCall("mailgun", body, {"Content-Type": _JSON})


def mailgun_mail(raw: bytes, *, recipient: str, token: str | None = None) -> WebhookCall:
    """A message that a route of Mailgun forwards, raw."""
    fields = {**_mailgun_signature(token), "body-mime": raw.decode(), "recipient": recipient}
    return WebhookCall("mailgun_routes", urlencode(fields).encode(), {"Content-Type": _FORM})


@cache
def sendgrid_public_key() -> str:
    """What is configured for SendGrid: another one in each process."""
    public = _sendgrid_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(public).decode()


@cache
def _sendgrid_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _sendgrid_signature(body: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    signature = base64.b64encode(_sendgrid_key().sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    return {f"{_EVENTS}-Signature": signature, f"{_EVENTS}-Timestamp": at}


def _mailgun_signature(token: str | None = None) -> dict[str, str]:
    at, token = str(int(time.time())), token or uuid4().hex
    signature = hmac.new(MAILGUN_KEY.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": at, "token": token, "signature": signature}


def _basic() -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(LOGIN.encode()).decode()}
