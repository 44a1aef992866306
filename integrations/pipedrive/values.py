"""Our words as Pipedrive's: values of fields, and bodies of notes, which are HTML."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from dealwright.deal import Contact, Money
from dealwright.effects import CreateTask, HandOver, LogActivity, RequestApproval
from integrations.kit.note_texts import approval_text, handoff_text

LONGEST_BODY, LONGEST_SUBJECT, LONGEST_REASON = 60_000, 255, 150
JsonObject = dict[str, JsonValue]
_OUTCOMES = {"connected": "connected", "voicemail": "left_voicemail", "no_answer": "no_answer"}


def amount(money: Money | None) -> JsonObject:
    """An amount; 0 is one that nobody knows."""
    if money is None:
        return {"value": 0}
    whole = money.amount == money.amount.to_integral_value()
    return {"value": int(money.amount) if whole else float(money.amount), "currency": money.currency}


def moment(at: datetime) -> str:
    """A time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_html(text: str) -> str:
    """A text that strangers may have written, as HTML that shows it."""
    return html.escape(text[:LONGEST_BODY]).replace("\n", "<br>")


def person(contact: Contact) -> JsonObject:
    """What is known of a contact; what is not known is left as it is in Pipedrive."""
    known: JsonObject = {"name": contact.name}
    if contact.email:
        known["emails"] = [{"value": contact.email, "primary": True, "label": "work"}]
    if contact.phone:
        known["phones"] = [{"value": contact.phone, "primary": True, "label": "work"}]
    return known


def task(effect: CreateTask, owner: int | None) -> JsonObject:
    """A task as an activity; it is due in UTC, as Pipedrive keeps all times."""
    whom = "" if owner else f"For {effect.owner.name if effect.owner else effect.role}.\n"
    due, kind = effect.due_at.astimezone(UTC), "call" if effect.channel == "call" else "task"
    given: JsonObject = {
        "subject": effect.title[:LONGEST_SUBJECT], "type": kind, "done": False, "due_date": due.date().isoformat(),
        "due_time": due.strftime("%H:%M"), "note": as_html(whom + (effect.detail or "")),
    }  # fmt: skip
    return {**given, **({"owner_id": owner} if owner else {})}


def package(effect: HandOver) -> str:
    """A handoff package as a note."""
    return as_html(handoff_text(effect))


def approval_request(effect: RequestApproval) -> str:
    """An approval request as a note."""
    return as_html(approval_text(effect))


def logged_text(effect: LogActivity) -> str:
    """What is told of an activity, in HTML."""
    return as_html(effect.text or "")


def subject(effect: LogActivity) -> str:
    """What an activity is called."""
    whence = f" ({effect.channel})" if effect.channel else ""
    return f"{effect.subject or effect.summary}{whence}"[:LONGEST_SUBJECT]


def logged(effect: LogActivity) -> JsonObject:
    """A message, call or meeting as an activity that is done."""
    at = effect.happened_at.astimezone(UTC)
    return {
        "subject": subject(effect), "type": effect.what, "done": True, "due_date": at.date().isoformat(),
        "due_time": at.strftime("%H:%M"),
    }  # fmt: skip


def call(effect: LogActivity, number: str) -> JsonObject:
    """A call as a call log; how long it took is not known."""
    at = effect.happened_at
    return {
        "subject": subject(effect), "outcome": _OUTCOMES.get(effect.result or "", "connected"),
        "to_phone_number": number, "start_time": moment(at), "end_time": moment(at + timedelta(minutes=1)),
    }  # fmt: skip
