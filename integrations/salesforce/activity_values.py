"""What a task in Salesforce is to hold: one to be done, or one that says what was done.

Messages, calls, notes, handoff packages and approval requests become tasks that are closed already: an activity has a
field for our id, so that none is made twice. A ``ContentNote`` has none, and takes two calls.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from dealwright.deal import Person
from dealwright.effects import CreateTask, HandOver, LogActivity, RequestApproval
from integrations.salesforce.settings import SalesforceConnection

Values = dict[str, JsonValue]

LONGEST_SUBJECT, LONGEST_DESCRIPTION = 255, 32_000
_CUT = "\n[…] The whole text is in Dealwright."
_SUBTYPES = {"email": "Email", "call": "Call"}
_DIRECTIONS = {"in": "from", "out": "to"}


def task_to_do(connection: SalesforceConnection, effect: CreateTask, *, found: str | None) -> Values:
    """A task on somebody's list; where nobody was found whose list that is, it says whom it is for."""
    person = effect.owner.name if effect.owner else None
    whom = "" if found else f"For {person or effect.role.replace('_', ' ')}.\n"
    return {
        "Subject": effect.title[:LONGEST_SUBJECT],
        "Status": connection.open_status,
        "ActivityDate": day_of(effect.due_at, effect.owner),
        "Description": cut(f"{whom}{effect.detail or ''}".strip()),
        **({"TaskSubtype": "Call"} if effect.channel == "call" else {}),
    }


def what_was_done(connection: SalesforceConnection, effect: LogActivity) -> Values:
    """A message, call, meeting or note, as a closed task."""
    how = (effect.channel or effect.what).replace("_", " ").capitalize()
    whom = effect.contact.name if effect.contact else None
    head = f"{how} {_DIRECTIONS.get(effect.direction or '', 'with')} {whom}" if whom else how
    result = f" ({effect.result.replace('_', ' ')})" if effect.result else ""
    subject = f"{head}{result}: {effect.subject}" if effect.subject else f"{head}{result}"
    return {
        **_closed(connection, subject, effect.text or "", effect.happened_at, effect.owner),
        "TaskSubtype": _SUBTYPES.get(effect.what, "Task"),
    }


def note(connection: SalesforceConnection, text: str, at: datetime) -> Values:
    """A note, as a closed task."""
    first = text.strip().partition("\n")[0]
    return _closed(connection, f"Note: {first}", text, at, None)


def package(connection: SalesforceConnection, effect: HandOver) -> Values:
    """A handoff package, as a closed task of whoever takes over."""
    pieces = "\n\n".join(f"{name.replace('_', ' ').capitalize()}:\n{text}" for name, text in effect.pieces.items())
    head = f"Handoff from {effect.from_role} to {effect.to_role}: accept by {effect.accept_by:%Y-%m-%d %H:%M %Z}"
    return _closed(
        connection, f"Handoff: {effect.deal.title or effect.deal.id}", f"{head}\n\n{pieces}", effect.at, effect.to
    )


def approval_request(connection: SalesforceConnection, effect: RequestApproval) -> Values:
    """An approval request, as a closed task of whom it asks. It is answered in Dealwright."""
    terms = "\n".join(f"{name}: {value}" for name, value in effect.shown.items())
    head = f"Answer by {effect.answer_by:%Y-%m-%d %H:%M %Z}, in Dealwright."
    return _closed(connection, "Approval wanted", f"{head}\n\n{terms}", effect.at, effect.owner)


def day_of(at: datetime, person: Person | None) -> str:
    """The day on which a time falls where somebody works; in UTC where that is not known."""
    return at.astimezone(ZoneInfo(person.timezone if person and person.timezone else "UTC")).date().isoformat()


def cut(text: str) -> str | None:
    """A text as long as a description may be; None for none."""
    if len(text) <= LONGEST_DESCRIPTION:
        return text or None
    return text[: LONGEST_DESCRIPTION - len(_CUT)] + _CUT


def _closed(connection: SalesforceConnection, subject: str, text: str, at: datetime, owner: Person | None) -> Values:
    return {
        "Subject": " ".join(subject.split())[:LONGEST_SUBJECT],
        "Status": connection.closed_status,
        "ActivityDate": day_of(at, owner),
        "Description": cut(text),
    }
