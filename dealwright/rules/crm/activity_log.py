"""What was done with the buyer, logged in the deal's record in the CRM where the playbook says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dealwright import entries as e
from dealwright.deal import Contact
from dealwright.effects import Effect, LogActivity, Message, Outcome
from dealwright.facts import AboutThing, CallLogged, Fact, NoteAdded, ReplyReceived
from dealwright.facts.things import TABLES
from dealwright.identity import run_key
from dealwright.rules.crm.record import is_kept
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Pending


def log_fact(context: DecisionContext, fact: Fact, taken: e.FactTaken, heard_as: tuple[str, ...]) -> None:
    """Log what a fact tells of; a meeting that was told of before under another name is logged already."""
    at, whom = taken.happened_at, _contact(context, taken.contact)
    match fact:
        case ReplyReceived() if fact.is_written_by_them(fact.sentiment) and _logs(context, "emails"):
            by_mail = fact.channel == "email"
            _log(
                context, "email" if by_mail else "note", at, source=fact.source, direction="in", contact=whom,
                subject=f"Reply: {fact.sentiment.replace('_', ' ')}", text=fact.note, reference=fact.message_id,
                channel=None if by_mail else fact.channel,
            )  # fmt: skip
        case CallLogged() if _logs(context, "calls"):
            _log(context, "call", at, source=fact.source, direction=fact.direction, text=fact.note, result=fact.result)
        case NoteAdded() if _logs(context, "notes"):
            _log(context, "note", at, source=fact.source, text=fact.text)
        case AboutThing(status="held") if not heard_as and _logs(context, "meetings"):
            _log_meeting(context, fact, taken)


def log_message(context: DecisionContext, pending: Pending, outcome: Outcome | None, effect: Effect | None) -> None:
    """Log a message that went out."""
    if not _logs(context, "emails"):
        return
    by_mail = pending.does == "send_email"
    conversation = outcome.conversation if outcome else None
    _log(
        context, "email" if by_mail else "note", (outcome.at if outcome else None) or context.now, direction="out",
        subject=conversation.subject if conversation else pending.template, channel=None if by_mail else "sms",
        contact=_contact(context, pending.contact), reference=outcome.reference if outcome else None,
        owner=effect.sender if isinstance(effect, Message) else None,
    )  # fmt: skip


def _log_meeting(context: DecisionContext, fact: AboutThing, taken: e.FactTaken) -> None:
    record = getattr(context.state, TABLES[fact.thing]).get((taken.about or "").partition("/")[2])
    starts_at = getattr(record, "starts_at", None)
    _log(
        context, "meeting", starts_at or taken.happened_at, source=fact.source, text=fact.note,
        subject=f"{fact.thing.capitalize()} held", reference=getattr(record, "id", None),
    )  # fmt: skip


def _logs(context: DecisionContext, what: str) -> bool:
    rules = context.playbook.crm
    return rules is not None and what in rules.log and not context.state.finished and is_kept(context.state)


def _contact(context: DecisionContext, id_: str | None) -> Contact | None:
    return next((one for one in context.deal.contacts or () if one.id == id_), None)


def _log(context: DecisionContext, what: str, at: datetime, **about: Any) -> None:  # noqa: ANN401 - fields of LogActivity
    key = run_key("crm-log", context.state.visit, context.state.entries)
    about["owner"] = about.get("owner") or context.holder(context.state.owner_role or context.stage.owner)
    context.start(
        LogActivity(
            id=context.id_for(key, "activity"), at=context.now, summary=f"Log in the CRM: {what}", what=what,
            happened_at=at, **about,
        )
    )  # fmt: skip
