"""Postmark's webhooks: https://postmarkapp.com/developer/webhooks/webhooks-overview."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import formataddr
from typing import Literal

from pydantic import JsonValue

from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.proof.request import WebhookRequest
from integrations.mail.inbound.incoming import IncomingMail, mail_of_fields, message_ids, plain_part, read_mail
from integrations.mail.inbound.json_bodies import Told, json_in, moment, told
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, SentMessage, Undelivered, Unwanted
from integrations.mail.inbound.mime import ContentType, Headers, Part

_HARD = {"HardBounce", "BadEmailAddress"}
_SOFT = {"SoftBounce", "Transient", "DnsError", "SpamNotification", "Blocked", "DMARCPolicy", "SMTPApiError", "Unknown"}
_UNWANTED = {"SpamComplaint": "marked a message as spam", "Unsubscribe": "unsubscribed"}
_MOST_READ = 16 * 1024


class _Person(Told):
    Email: str = ""
    Name: str = ""


class _Header(Told):
    Name: str = ""
    Value: str = ""


class _Attachment(Told):
    ContentType: str = ""
    Content: str = ""


class _Inbound(Told):
    FromFull: _Person
    ToFull: tuple[_Person, ...] = ()
    CcFull: tuple[_Person, ...] = ()
    OriginalRecipient: str = ""
    Subject: str = ""
    Date: str = ""
    TextBody: str = ""
    Headers: tuple[_Header, ...] = ()
    Attachments: tuple[_Attachment, ...] = ()
    RawEmail: str | None = None


class _Bounce(Told):
    ID: int
    Type: str = "Unknown"
    Email: str = ""
    BouncedAt: str = ""
    Details: str = ""
    Content: str = ""


class _SubscriptionChange(Told):
    MessageID: str = ""
    Recipient: str
    ChangedAt: str = ""
    Origin: str = ""
    SuppressSending: bool = False
    SuppressionReason: str | None = None


class _Open(Told):
    MessageID: str
    Recipient: str = ""
    ReceivedAt: str = ""


def read(request: WebhookRequest, received_at: datetime) -> Sequence[MailEvent]:
    """What Postmark tells.

    Raises:
        Unreadable: it is not what Postmark sends.
    """
    body = json_in(request.body)
    if not isinstance(body, dict):
        raise Unreadable("the body is no record of Postmark")
    kind = str(body.get("RecordType") or "Inbound")
    if kind == "Inbound":
        return [_incoming(told(_Inbound, body), received_at)]
    reader = _RECORDS.get(kind)
    return [reader(body) if reader else _ignored(body, kind)]


def _incoming(record: _Inbound, received_at: datetime) -> IncomingMail:
    recipients = [record.OriginalRecipient] if record.OriginalRecipient else []
    if record.RawEmail:
        raw = record.RawEmail.encode("utf-8", "surrogatepass")
        return read_mail(raw, received_at, envelope_recipients=recipients)
    fields = [(one.Name, one.Value) for one in record.Headers]
    fields += [("From", _written(record.FromFull)), ("Subject", record.Subject), ("Date", record.Date)]
    fields += [("To", _written(one)) for one in record.ToFull] + [("Cc", _written(one)) for one in record.CcFull]
    parts = [plain_part(record.TextBody), *(part for one in record.Attachments if (part := _report_part(one)))]
    return mail_of_fields(fields, parts, received_at, envelope_recipients=recipients)


def _written(person: _Person) -> str:
    return formataddr((person.Name, person.Email))


def _report_part(attachment: _Attachment) -> Part | None:
    """The parts of a delivery report, which Postmark gives as attachments."""
    type_ = attachment.ContentType.partition(";")[0].strip().lower()
    if not type_.startswith("message/") and type_ != "text/rfc822-headers":
        return None
    try:
        content = base64.b64decode(attachment.Content, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Part(Headers(), ContentType(type_), content)


def _bounce(body: Mapping[str, JsonValue]) -> MailEvent:
    record = told(_Bounce, body)
    message = SentMessage(
        event_id=f"bounce-{record.ID}",
        address=record.Email,
        at=moment(record.BouncedAt),
        message_ids=tuple(message_ids(record.Content[:_MOST_READ])),
    )
    if record.Type in _UNWANTED:
        return Unwanted(message=message, how=_UNWANTED[record.Type])
    if record.Type in _HARD | _SOFT:
        kind: Literal["hard", "soft"] = "hard" if record.Type in _HARD else "soft"
        return Undelivered(message=message, kind=kind, reason=record.Details)
    return Ignored(event_id=f"bounce-{record.ID}", why=f"{record.Type[:60]} is no bounce", shown={"to": record.Email})


def _subscription_change(body: Mapping[str, JsonValue]) -> MailEvent:
    record = told(_SubscriptionChange, body)
    id_ = f"subscription-{record.MessageID}-{record.Recipient}-{record.ChangedAt}"[:190]
    if record.Origin != "Recipient" or not record.SuppressSending or record.SuppressionReason == "HardBounce":
        why = "the recipient did not ask for it, or takes it back"
        return Ignored(event_id=id_, why=why, shown={"to": record.Recipient})
    spam = record.SuppressionReason == "SpamComplaint"
    how = _UNWANTED["SpamComplaint" if spam else "Unsubscribe"]
    return Unwanted(message=SentMessage(event_id=id_, address=record.Recipient, at=moment(record.ChangedAt)), how=how)


def _open(body: Mapping[str, JsonValue]) -> MailEvent:
    record = told(_Open, body)
    id_ = f"open-{record.MessageID}-{record.ReceivedAt}"[:190]
    return Opened(message=SentMessage(event_id=id_, address=record.Recipient, at=moment(record.ReceivedAt)))


def _ignored(body: Mapping[str, JsonValue], kind: str) -> MailEvent:
    named = [str(body.get(name) or "") for name in ("MessageID", "Recipient", "ReceivedAt", "DeliveredAt")]
    return Ignored(event_id=f"{kind}-{'-'.join(named)}"[:190], why=f"{kind[:60]} tells a deal nothing")


_RECORDS: Mapping[str, Callable[[Mapping[str, JsonValue]], MailEvent]] = {
    "Bounce": _bounce,
    "SpamComplaint": _bounce,
    "SubscriptionChange": _subscription_change,
    "Open": _open,
}
