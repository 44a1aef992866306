"""Cool-off: after a cadence that nobody answered, a lost deal or an opt-out, no deal sends them marketing for a while.

When it begins is written down here. The store holds back the messages of all deals, since no deal knows the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dealwright import entries as e
from dealwright.contacts import answered_last
from dealwright.deal import Contact
from dealwright.effects import Cap
from dealwright.rules import experiments
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Run
from dealwright.values.addresses import normal

_UNANSWERED = frozenset({"lost", "unresponsive"})
"""The outcomes after which they are left alone."""


def after_run(context: DecisionContext, run: Run) -> None:
    """A run has come to its end: if it sent marketing and nobody answered, those whom it wrote to are left alone."""
    sent = [key for key, at in context.state.marketing_at.items() if _is_of(key, run) and at >= run.trigger_at]
    if context.playbook.limits.cooling is not None and sent and not _was_answered(context, run.trigger_at):
        _begin(context, (key.partition(" ")[2] for key in sent), f"nobody answered {run.play}")


def after_end(context: DecisionContext, outcome: str) -> None:
    """The deal ends: unless it was won over, those whom it wrote to are left alone."""
    if context.playbook.limits.cooling is not None and outcome in _UNANSWERED:
        _begin(context, context.state.written, f"the deal is {outcome}")


def after_opt_out(context: DecisionContext) -> None:
    """Somebody opted out: their colleagues are left alone, too."""
    if context.playbook.limits.cooling is not None:
        _begin(context, (), "somebody there opted out")


def caps_for(context: DecisionContext, contact: Contact) -> tuple[Cap, ...]:
    """What holds back a marketing message to a contact while they, or their account, are left alone."""
    cooling, account = context.playbook.limits.cooling, context.deal.account
    if cooling is None:
        return ()
    if cooling.unless is not None and experiments.holds(context, cooling.unless, None):
        return ()
    keys = ((e.COOLED_ACCOUNT, account.id if account else ""), (e.COOLED_CONTACT, normal(contact.email or "")))
    per = context.length(cooling.per)
    return tuple(Cap(scope=scope, key=key, per=per, most=1, counts=False) for scope, key in keys if key)


def _is_of(key: str, run: Run) -> bool:
    return key.partition(" ")[0] == run.play


def _was_answered(context: DecisionContext, since: datetime) -> bool:
    answered = answered_last(context.state)
    return answered is not None and answered >= since


def _begin(context: DecisionContext, addresses: Iterable[str], why: str) -> None:
    account, known = context.deal.account, tuple(dict.fromkeys(filter(None, addresses)))
    if account is not None or known:
        context.note(e.CoolOffBegan(at=context.now, account=account.id if account else None, addresses=known, why=why))
