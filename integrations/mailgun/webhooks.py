"""Mailgun's event webhooks and routes.

Sources: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads and
https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field, JsonValue

from integrations.kit.forms import NoForm, field_of, form_of
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.proof.request import WebhookRequest
from integrations.mail.inbound.incoming import mail_of_fields, plain_part, read_mail
from integrations.mail.inbound.json_bodies import Told, effect_in, ids_of, json_in, moment, told
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, SentMessage, Undelivered, Unwanted

_UNWANTED = {"complained": "marked a message as spam", "unsubscribed": "unsubscribed"}


class _Message(Told):
    headers: dict[str, JsonValue] = {}


class _DeliveryStatus(Told):
    code: int | str | None = None
    message: str | None = None
    description: str | None = None


class _ClientInfo(Told):
    bot: str | None = None


class _Event(Told):
    event: str
    id: str
    timestamp: float | int | str | None = None
    recipient: str = ""
    severity: str | None = None
    message: _Message = _Message()
    status: _DeliveryStatus = Field(default=_DeliveryStatus(), alias="delivery-status")
    client: _ClientInfo = Field(default=_ClientInfo(), alias="client-info")


def read(request: WebhookRequest, received_at: datetime) -> Sequence[MailEvent]:  # noqa: ARG001 - one signature for all
    """What an event webhook tells.

    Raises:
        Unreadable: it is not what Mailgun sends.
    """
    body = json_in(request.body)
    event = told(_Event, body.get("event-data") if isinstance(body, dict) else None)
    headers = {name: value for name, value in event.message.headers.items() if isinstance(value, str)}
    message = SentMessage(
        event_id=event.id[:190],
        address=event.recipient,
        at=moment(event.timestamp),
        message_ids=ids_of(headers.get("message-id")),
        effect=effect_in(headers),
    )
    return [_event(event, message)]


def _event(event: _Event, message: SentMessage) -> MailEvent:
    match event.event:
        case "failed":
            reason = f"{event.status.code or ''} {event.status.message or event.status.description or ''}".strip()
            return Undelivered(message=message, kind="hard" if event.severity == "permanent" else "soft", reason=reason)
        case "complained" | "unsubscribed":
            return Unwanted(message=message, how=_UNWANTED[event.event])
        case "opened" if not event.client.bot:
            return Opened(message=message)
        case other:
            return Ignored(event_id=message.event_id, why=f"{other[:60]} tells a deal nothing")


def read_route(request: WebhookRequest, received_at: datetime) -> Sequence[MailEvent]:
    """The message that a route forwards: raw (``body-mime``), or taken apart.

    Raises:
        Unreadable: it is not what Mailgun sends.
    """
    try:
        form = form_of(request.body, request.headers.get("content-type", ""))
    except NoForm as error:
        raise Unreadable(str(error)) from None
    fields = form.fields
    sender, recipients = fields.get("sender"), [one.strip() for one in fields.get("recipient", "").split(",")]
    raw = form.files.get("body-mime") or fields.get("body-mime", "").encode("utf-8", "surrogatepass")
    if raw:
        return [read_mail(raw, received_at, envelope_sender=sender, envelope_recipients=recipients)]
    headers = _pairs(json_in(fields.get("message-headers") or "null"))
    parts = [plain_part(fields.get("body-plain", ""))]
    return [mail_of_fields(headers, parts, received_at, envelope_sender=sender, envelope_recipients=recipients)]


def _pairs(document: JsonValue) -> list[tuple[str, str]]:
    if not isinstance(document, list):
        raise Unreadable("the form has neither body-mime nor message-headers")
    pairs = [tuple(one) for one in document if isinstance(one, list) and len(one) == 2]  # noqa: PLR2004 - a pair
    return [(str(name), str(value)) for name, value in pairs]


def token_of(request: WebhookRequest) -> str:
    """The token that Mailgun's signature covers, in place of the body: it is honoured once."""
    type_ = request.headers.get("content-type", "")
    token = field_of(request.body, type_, "signature.token") or field_of(request.body, type_, "token")
    return f"token-{token[:150]}"
