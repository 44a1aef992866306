"""Our words as HubSpot's: values of properties, which are texts, and bodies of notes, which are HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from dealwright.deal import Contact, Money
from dealwright.effects import HandOver, LogActivity, RequestApproval
from integrations.kit.note_texts import approval_text, handoff_text

LONGEST_BODY = 60_000
"""Characters of a note; HubSpot takes 65,536 of HTML."""
_CALLS = {"connected": "COMPLETED", "voicemail": "COMPLETED", "no_answer": "NO_ANSWER"}


def amount(money: Money | None) -> str:
    """An amount, without exponent; nothing empties it."""
    return "" if money is None else format(money.amount, "f")


def moment(at: datetime) -> str:
    """A time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(on: date | None) -> str:
    """A day, at noon UTC: then it is that day nearly everywhere. Nothing empties it."""
    return "" if on is None else moment(datetime.combine(on, time(12), UTC))


def as_html(text: str) -> str:
    """A text that strangers may have written, as HTML that shows it."""
    return html.escape(text[:LONGEST_BODY]).replace("\n", "<br>")


def contact(person: Contact) -> dict[str, str]:
    """What is known of a contact; what is not known is left as it is in HubSpot."""
    first, _, last = person.name.partition(" ")
    known = {
        "firstname": first, "lastname": last, "phone": person.phone, "jobtitle": person.role,
        "country": person.country,
    }  # fmt: skip
    return {name: value for name, value in known.items() if value}


def package(effect: HandOver) -> str:
    """A handoff package as a note."""
    return as_html(handoff_text(effect))


def approval_request(effect: RequestApproval) -> str:
    """An approval request as a note."""
    return as_html(approval_text(effect))


def activity(effect: LogActivity) -> tuple[str, dict[str, str]]:
    """The kind of object that logs an activity, and its properties."""
    at = {"hs_timestamp": moment(effect.happened_at)}
    subject, text = effect.subject or effect.summary, as_html(effect.text or "")
    match effect.what:
        case "email" if not effect.channel:
            incoming = effect.direction == "in"
            direction = "INCOMING_EMAIL" if incoming else "EMAIL"
            told = {"hs_email_direction": direction, "hs_email_subject": subject, "hs_email_text": effect.text or ""}
            return "emails", {**at, **told, "hs_email_status": "SENT"}
        case "call":
            told = {
                "hs_call_title": subject,
                "hs_call_body": text,
                "hs_call_status": _CALLS.get(effect.result or "", ""),
            }
            direction = {"in": "INBOUND", "out": "OUTBOUND"}.get(effect.direction or "", "")
            return "calls", _given({**at, **told, "hs_call_direction": direction})
        case "meeting":
            return "meetings", _given({**at, "hs_meeting_title": subject, "hs_meeting_body": text})
        case _:
            whence = f" ({effect.channel})" if effect.channel else ""
            return "notes", {**at, "hs_note_body": as_html(f"{subject}{whence}") + (f"<br>{text}" if text else "")}


def _given(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
