"""A whole message as the body of a request, for mail servers that can run a program for each message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.proof.request import WebhookRequest
from integrations.mail.inbound.incoming import read_mail
from integrations.mail.inbound.mail_events import MailEvent

_TYPES = {"message/rfc822", "message/global", "application/octet-stream"}


def read(request: WebhookRequest, received_at: datetime) -> Sequence[MailEvent]:
    """The message.

    The headers ``X-Envelope-Sender`` (``<>`` for the null return path) and ``X-Envelope-Recipient`` (with commas
    between several) say what its envelope said.

    Raises:
        Unreadable: the body is no message.
    """
    type_ = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if type_ not in _TYPES or not request.body.strip():
        raise Unreadable("the body is no message: send it as Content-Type: message/rfc822")
    recipients = [one.strip() for one in request.headers.get("x-envelope-recipient", "").split(",") if one.strip()]
    sender = request.headers.get("x-envelope-sender")
    return [read_mail(request.body, received_at, envelope_sender=sender, envelope_recipients=recipients)]
