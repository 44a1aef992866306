"""A deal that was opened again goes on in its stage, which begins anew: nothing is said or ended twice there."""

from __future__ import annotations

from datetime import datetime

from dealwright.contacts import seen_with
from dealwright.deal import Contact
from dealwright.effects import SENT
from dealwright.entries import PlannedStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import DealState
from dealwright.values.addresses import normal

SAID = "it went out before the deal was opened again"
PAST = "its time came before the deal was opened again"


def was_said(
    context: DecisionContext, step: MessageStep, contact: Contact, trigger: str | None, only: str | None
) -> bool:
    """Whether a message that the stage's beginning calls for went to them, or may have, before it was opened again.

    What somebody starts by hand, and what something new calls for, is said again. So is what was said to somebody else,
    or arrived nowhere. ``trigger`` is what the play starts by, ``only`` the contact whom it runs for.
    """
    since = context.state.goes_on_since
    if since is None or not (trigger or "").startswith("entered"):
        return False
    waits = [one for one in context.state.pending.values() if SENT.get(one.does) in step.makes]
    if any((one.template, one.contact) == (step.subject, contact.id) for one in waits):
        return True
    happened = seen_with(context.state, only).happened
    sent = [it for event in step.makes if (it := happened.get(f"{event}:{step.subject}")) is not None]
    return any(it.at >= since for it in sent) and _was_written_to(context.state, step, contact, since)


def _was_written_to(state: DealState, step: MessageStep, contact: Contact, since: datetime) -> bool:
    """Whether any message of its way has gone to a contact since, by their id or their address."""
    by_mail = SENT["send_email"] in step.makes
    address = normal((contact.email if by_mail else contact.phone) or "")
    return any(
        one.last >= since and (one.contact == contact.id or whose == address)
        for whose, one in state.written.items()
        if ("@" in whose) is by_mail and not _is_dead(state, whose)
    )


def _is_dead(state: DealState, address: str) -> bool:
    silence = state.silenced.get(address)
    return silence is not None and silence.bounced


def was_past(context: DecisionContext, planned: PlannedStep) -> bool:
    """Whether an end was due before the deal was opened again, or at that moment: whoever did that knew of it."""
    again = context.state.reopened_at
    return again is not None and planned.due_at <= again <= (planned.planned_at or planned.due_at)
