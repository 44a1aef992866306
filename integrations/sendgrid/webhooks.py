"""SendGrid's event webhook, and its Inbound Parse, raw or taken apart.

Sources: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event and
https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.forms import Form, NoForm, form_of, is_form
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.proof.request import WebhookRequest
from integrations.mail.inbound.incoming import IncomingMail, mail_of_fields, plain_part, read_mail
from integrations.mail.inbound.json_bodies import Told, ids_of, json_in, moment, told
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, SentMessage, Undelivered, Unwanted
from integrations.mail.inbound.mime import headers_of

_MOST_EVENTS = 1000
_UNWANTED = {
    "spamreport": "marked a message as spam",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}


class _Event(Told):
    event: str
    sg_event_id: str
    email: str = ""
    timestamp: float | int | str | None = None
    smtp_id: str | None = None
    type: str | None = None
    status: str | None = None
    reason: str | None = None
    sg_machine_open: bool = False


class _Envelope(Told):
    to: tuple[str, ...] = ()
    sender: str | None = None


def read(request: WebhookRequest, received_at: datetime) -> Sequence[MailEvent]:
    """What SendGrid tells: a list of events as JSON, or a message as a form.

    Raises:
        Unreadable: it is neither.
    """
    type_ = request.headers.get("content-type", "")
    if is_form(type_):
        return [_incoming(_form(request.body, type_), received_at)]
    body = json_in(request.body)
    if not isinstance(body, list) or len(body) > _MOST_EVENTS:
        raise Unreadable(f"the body is no list of at most {_MOST_EVENTS} events")
    return [_event(one) for one in body]


def _form(body: bytes, type_: str) -> Form:
    try:
        return form_of(body, type_)
    except NoForm as error:
        raise Unreadable(str(error)) from None


def _incoming(form: Form, received_at: datetime) -> IncomingMail:
    fields = form.fields
    given = json_in(fields.get("envelope") or "{}")
    named = {"to": given.get("to") or (), "sender": given.get("from")} if isinstance(given, dict) else {}
    envelope = told(_Envelope, named)
    raw = form.files.get("email") or fields.get("email", "").encode("utf-8", "surrogatepass")
    if raw:
        return read_mail(raw, received_at, envelope_sender=envelope.sender, envelope_recipients=envelope.to)
    if "headers" not in fields:
        raise Unreadable("the form has neither email nor headers")
    parts = [plain_part(fields.get("text", ""))]
    headers = headers_of(fields["headers"]).fields
    return mail_of_fields(headers, parts, received_at, envelope_sender=envelope.sender, envelope_recipients=envelope.to)


def _event(document: JsonValue) -> MailEvent:
    if isinstance(document, dict) and "smtp-id" in document:
        document = {**document, "smtp_id": document["smtp-id"]}
    event = told(_Event, document)
    message = SentMessage(
        event_id=event.sg_event_id[:190],
        address=event.email,
        at=moment(event.timestamp),
        message_ids=ids_of(event.smtp_id),
    )
    match event.event:
        case "bounce":  # ``blocked``: this message was not wanted; the address may be right
            reason = f"{event.status or ''} {event.reason or ''}".strip()
            return Undelivered(message=message, kind="soft" if event.type == "blocked" else "hard", reason=reason)
        case "spamreport" | "unsubscribe" | "group_unsubscribe":
            return Unwanted(message=message, how=_UNWANTED[event.event])
        case "open" if not event.sg_machine_open:
            return Opened(message=message)
        case other:
            return Ignored(event_id=message.event_id, why=f"{other[:60]} tells a deal nothing")
