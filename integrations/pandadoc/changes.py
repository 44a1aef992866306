"""PandaDoc's webhook events put into the form that all tools for documents share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import from_json

from integrations.kit.document_amounts import money_of
from integrations.kit.documents import DocumentChange, moment
from integrations.kit.mapping.bodies import Unreadable

_CHANGES = {
    "document.sent": "sent", "document.viewed": "opened", "document.completed": "completed", "document.paid": "paid",
    "document.declined": "declined", "document.rejected": "rejected",
}  # fmt: skip


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Person(_Model):
    email: str | None = None


class _Total(_Model):
    amount: str | None = None
    currency: str | None = None


class _Token(_Model):
    name: str = ""
    value: str | None = None


class _Document(_Model):
    id: str
    status: str = ""
    date_modified: str | None = None
    expiration_date: str | None = None
    metadata: dict[str, JsonValue] | None = None
    tokens: tuple[_Token, ...] | None = None
    grand_total: _Total | None = None
    action_by: _Person | None = None
    action_date: str | None = None
    recipients: tuple[_Recipient, ...] = ()


class _Recipient(_Model):
    email: str | None = None
    recipient_type: str | None = None
    has_completed: bool = False


class _Event(_Model):
    event: str
    data: _Document


_Document.model_rebuild()


def changes_in(body: bytes | str, received_at: datetime) -> list[DocumentChange]:
    """The changes that a webhook tells of.

    Raises:
        Unreadable: it is none of PandaDoc's.
    """
    try:
        events = from_json(body)
        read = [_Event.model_validate(event) for event in events if isinstance(event, dict)]
    except (ValidationError, ValueError, TypeError) as error:
        raise Unreadable(f"the body is no list of PandaDoc's events ({type(error).__name__})") from None
    return [change for event in read for change in _changes(event, received_at)]


def _changes(event: _Event, received_at: datetime) -> Iterator[DocumentChange]:
    document = event.data
    at = moment(document.action_date or document.date_modified, received_at)
    change = _change(event, at)
    who = document.action_by.email if document.action_by else None
    shown = document.grand_total
    total = money_of(shown.amount, shown.currency) if shown else None
    marks = {name: str(value) for name, value in (document.metadata or {}).items()}
    yield DocumentChange(
        id=f"{document.id}-{event.event}-{document.status}-{at.isoformat()}-{who or ''}", at=at, document=document.id,
        change=change, total=total, texts={one.name: one.value for one in document.tokens or () if one.value},
        address=_opener(document) if change == "opened" else who,
    ).with_marks(marks)  # fmt: skip


def _change(event: _Event, at: datetime) -> str:
    if event.event == "recipient_completed":
        return "signed"
    if event.event != "document_state_changed":
        return event.event
    if event.data.status == "document.voided":
        # Of a document whose time is over PandaDoc says that it is voided.
        ends = moment(event.data.expiration_date, datetime.max.replace(tzinfo=at.tzinfo))
        return "expired" if ends <= at else "voided"
    return _CHANGES.get(event.data.status, event.data.status.removeprefix("document."))


def _opener(document: _Document) -> str | None:
    """Who opened it, where only one person can have."""
    readers = [one.email for one in document.recipients if one.email and one.recipient_type != "CC"]
    return readers[0] if len(readers) == 1 else None
