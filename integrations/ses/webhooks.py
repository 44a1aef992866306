"""What Amazon SES tells through a topic of SNS.

Sources: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html and
https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.proof.request import WebhookRequest
from integrations.mail.inbound.incoming import read_mail
from integrations.mail.inbound.json_bodies import Told, effect_in, ids_of, json_in, moment, told
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, SentMessage, Undelivered, Unwanted

_MOST_RECIPIENTS = 50
NO_BUCKET = (
    "the message lies in an S3 bucket that is not connected: write region, bucket and an access key under ses in the "
    "connections file, or let the receipt rule publish to SNS with the message in it"
)


@dataclass(frozen=True, kw_only=True)
class InBucket:
    """Mail that came in, and lies in a bucket of S3."""

    event_id: str
    bucket: str
    key: str
    sender: str | None
    recipients: tuple[str, ...]


class _Envelope(Told):
    Type: str = ""
    MessageId: str = ""
    Message: str = ""
    Timestamp: str = ""


class _Header(Told):
    name: str = ""
    value: str = ""


class _CommonHeaders(Told):
    messageId: str | None = None  # noqa: N815 - Amazon's


class _Mail(Told):
    source: str | None = None
    timestamp: str = ""
    messageId: str | None = None  # noqa: N815 - Amazon's
    destination: tuple[str, ...] = ()
    headers: tuple[_Header, ...] = ()
    commonHeaders: _CommonHeaders = _CommonHeaders()  # noqa: N815 - Amazon's


class _Recipient(Told):
    emailAddress: str = ""  # noqa: N815 - Amazon's
    status: str | None = None
    diagnosticCode: str | None = None  # noqa: N815 - Amazon's


class _Bounce(Told):
    bounceType: str = "Undetermined"  # noqa: N815 - Amazon's
    bouncedRecipients: tuple[_Recipient, ...] = ()  # noqa: N815 - Amazon's
    timestamp: str = ""


class _Complaint(Told):
    complainedRecipients: tuple[_Recipient, ...] = ()  # noqa: N815 - Amazon's
    complaintFeedbackType: str | None = None  # noqa: N815 - Amazon's
    timestamp: str = ""


class _Action(Told):
    type: str = ""
    encoding: str = "UTF8"
    bucketName: str = ""  # noqa: N815 - Amazon's
    objectKey: str = ""  # noqa: N815 - Amazon's


class _Receipt(Told):
    recipients: tuple[str, ...] = ()
    action: _Action = _Action()


class _Open(Told):
    timestamp: str = ""


class _Notification(Told):
    notificationType: str | None = None  # noqa: N815 - Amazon's
    eventType: str | None = None  # noqa: N815 - Amazon's
    mail: _Mail = _Mail()
    receipt: _Receipt = _Receipt()
    content: str | None = None
    bounce: _Bounce = _Bounce()
    complaint: _Complaint = _Complaint()
    open: _Open = _Open()


def read(request: WebhookRequest, received_at: datetime) -> Sequence[MailEvent | InBucket]:
    """What a message of SNS tells.

    Raises:
        Unreadable: it is not what SES and SNS send.
    """
    envelope = told(_Envelope, json_in(request.body))
    if envelope.Type != "Notification":  # a subscription, which its proof has confirmed
        return [Ignored(event_id=envelope.MessageId[:190], why=f"SNS: {envelope.Type[:60]}")]
    message = json_in(envelope.Message) if envelope.Message.lstrip().startswith("{") else None
    if message is None:  # SES greets a new topic with a sentence
        return [Ignored(event_id=envelope.MessageId[:190], why="SNS: a message that is none of SES")]
    notification = told(_Notification, message)
    match notification.notificationType or notification.eventType:
        case "Received":
            return [_received(notification, envelope.MessageId, received_at)]
        case "Bounce":
            return _bounced(notification, envelope.MessageId)
        case "Complaint":
            return _complained(notification, envelope.MessageId)
        case "Open":
            address = next(iter(notification.mail.destination), "")
            at = notification.open.timestamp
            return [Opened(message=_message(notification, envelope.MessageId, at, address))]
        case other:
            return [Ignored(event_id=envelope.MessageId[:190], why=f"{str(other)[:60]} tells a deal nothing")]


def _received(notification: _Notification, event_id: str, received_at: datetime) -> MailEvent | InBucket:
    recipients = notification.receipt.recipients or notification.mail.destination
    if notification.content is None:
        action = notification.receipt.action
        return InBucket(
            event_id=event_id[:190], bucket=action.bucketName, key=action.objectKey, sender=notification.mail.source,
            recipients=recipients,
        )  # fmt: skip
    raw = notification.content.encode("utf-8", "surrogatepass")
    if notification.receipt.action.encoding.upper() == "BASE64":
        try:
            raw = base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable("content is no base64") from None
    return read_mail(raw, received_at, envelope_sender=notification.mail.source, envelope_recipients=recipients)


def _bounced(notification: _Notification, event_id: str) -> list[MailEvent]:
    kind: Literal["hard", "soft"] = "hard" if notification.bounce.bounceType == "Permanent" else "soft"
    at = notification.bounce.timestamp
    return [
        Undelivered(
            message=_message(notification, f"{event_id}-{number}", at, one.emailAddress),
            kind=kind,
            reason=f"{one.status or ''} {one.diagnosticCode or ''}".strip(),
        )
        for number, one in enumerate(notification.bounce.bouncedRecipients[:_MOST_RECIPIENTS])
    ]


def _complained(notification: _Notification, event_id: str) -> list[MailEvent]:
    complaint = notification.complaint
    if complaint.complaintFeedbackType == "not-spam":
        return [Ignored(event_id=event_id[:190], why="the recipient says that it is no spam")]
    named = enumerate(complaint.complainedRecipients[:_MOST_RECIPIENTS])
    messages = [
        _message(notification, f"{event_id}-{number}", complaint.timestamp, one.emailAddress) for number, one in named
    ]
    return [Unwanted(message=message, how="marked a message as spam") for message in messages]


def _message(notification: _Notification, event_id: str, at: str, address: str) -> SentMessage:
    headers = {one.name: one.value for one in notification.mail.headers}
    written = next((value for name, value in headers.items() if name.lower() == "message-id"), None)
    return SentMessage(
        event_id=event_id[:190],
        address=address,
        at=moment(at),
        message_ids=ids_of(written, notification.mail.commonHeaders.messageId),
        effect=effect_in(headers),
    )
