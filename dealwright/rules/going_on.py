"""A deal that was opened again goes on in its stage, which begins anew: nothing is said or ended twice there."""

from __future__ import annotations

from dealwright.contacts import seen_with
from dealwright.effects import SENT, SendEmail, SendSms
from dealwright.entries import PlannedStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Run

SAID = "it went out before the deal was opened again"
PAST = "its time came before the deal was opened again"


def was_said(context: DecisionContext, run: Run, message: SendEmail | SendSms) -> bool:
    """Whether a message that the stage's beginning calls for went out, or may have, before the deal was opened again.

    What somebody starts by hand, and what something new calls for, is said again.
    """
    since = context.state.goes_on_since
    if since is None or not (run.trigger or "").startswith("entered"):
        return False
    waits = (one for one in context.state.pending.values() if one.effect != message.id and one.does == message.kind)
    if any((one.template, one.contact) == (message.template, message.to.id) for one in waits):
        return True
    sent = seen_with(context.state, run.contact).happened.get(f"{SENT[message.kind]}:{message.template}")
    return sent is not None and sent.at >= since


def was_past(context: DecisionContext, planned: PlannedStep) -> bool:
    """Whether an end was due before the deal was opened again, or at that moment: whoever did that knew of it."""
    again = context.state.reopened_at
    return again is not None and planned.due_at <= again <= (planned.planned_at or planned.due_at)
