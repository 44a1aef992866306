"""A deal that a fact ends without saying why: it ends, or is held until somebody says it (``ask_first``).

Held, it stands still like one that is paused: nothing is written to the buyer. It ends once somebody says why, and
when the time is over. ``resume`` lets it go on, and so does taking the fact back. So do a signature or an acceptance
of later, and an open stage that somebody has set in the CRM since.
"""

from __future__ import annotations

from datetime import datetime

from dealwright import commands as c
from dealwright import entries as e
from dealwright.deal import EndReason
from dealwright.effects import EFFECT_KINDS, Message
from dealwright.facts import Fact
from dealwright.identity import run_key
from dealwright.rules import plays, reasons, stages
from dealwright.rules.agreements import AGREES, GIVEN_UP, agreed_after
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.rules.tasks import ask
from dealwright.state import HeldEnd, Task

_MESSAGES = frozenset(kind for kind, effect in EFFECT_KINDS.items() if issubclass(effect, Message))


def end_or_hold(context: DecisionContext, event: Event, outcome: str, reason: str, why: EndReason | None) -> None:
    """End the deal by a fact, or hold it where the playbook has what is missing of the reason asked first.

    What ends by the fact (``until``) ends in a deal that is held as well, and does not come back.
    """
    held, known = _held(context), _known(context, outcome, why)
    span = context.playbook.endings[event.key].ask_first
    missing = [*reasons.lacking(context.playbook, outcome, known or EndReason())]
    if span is None or not missing:
        stages.end(context, outcome, reason, known)
        return
    plays.end_by(context, event)
    role = context.state.owner_role or context.stage.owner
    until = context.by_then(role, span)
    if held is not None and held.outcome == outcome and context.state.pause is not None:
        if known is None or known == reasons.reason_in(held):
            return  # it is told again, and says nothing new
        until = context.state.pause.until or until
    said = known.changes() if known else {}
    context.note(e.EndHeld.model_validate(
        {"at": context.now, "outcome": outcome, "reason": reason, "until": until, **said}
    ))  # fmt: skip
    _keep_silent(context, f"the deal is about to be {outcome}")
    if not any(task.name == reasons.BEFORE for task in context.state.tasks.values()):
        title = f"Say why before the deal is {outcome}: {reasons.what_lacks(missing)}"
        detail = f"{' '.join(map(str, missing))} Nothing is written to the buyer meanwhile. If it goes on: resume."
        task = context.id_for(run_key("why-it-ends", context.state.visit, context.state.entries), "ask")
        ask(context, task, title, role, until, name=reasons.BEFORE, detail=detail)


def end_in_time(context: DecisionContext) -> bool:
    """End a deal that was held for as long as the playbook says. True when it ended."""
    pause = context.state.pause
    if pause is None or pause.ending is None or pause.until is None or pause.until > context.now:
        return False
    _end(context, pause.ending, reasons.reason_in(pause.ending))
    return True


def end_as_told(context: DecisionContext, task: Task, command: c.CompleteTask) -> None:
    """End the held deal for the reason that whoever was asked gives."""
    held = _held(context)
    if task.name == reasons.BEFORE and held is not None:
        _end(context, held, _known(context, held.outcome, reasons.reason_in(command)))


def may_end(context: DecisionContext, event: Event, outcome: str) -> bool:
    """Whether it ends the deal: it is about the deal or whom messages go to, and not of before it was reopened.

    What gives the deal up ends none to which the buyer agreed afterwards.
    """
    reopened_at = context.state.reopened_at
    if event.spares or event.beside or (reopened_at is not None and event.at < reopened_at):
        return False
    return _stands(context, event, outcome)


def _stands(context: DecisionContext, event: Event, outcome: str) -> bool:
    """Whether what gives a deal up still says so: the buyer has not agreed since. When they have, somebody hears."""
    agreed = agreed_after(context.state, event.at) if outcome in GIVEN_UP else None
    if agreed is None:
        return True
    what, since = (each.partition(":")[0].replace("_", " ") for each in (event.key, agreed))
    when = f"{event.at:%d %b %Y %H:%M}"
    text = f"{what.capitalize()} ({when}) is older than {since}: the deal goes on, unless somebody closes it"
    context.ask_attention(f"older-end:{event.key[:60]}", text)
    return False


def is_taken_back_by(context: DecisionContext, fact: Fact, at: datetime) -> bool:
    """Whether a deal that is held goes on by a fact: the buyer agreed after it was given up."""
    held = _held(context)
    if held is None or held.outcome not in GIVEN_UP or context.state.finished:
        return False
    return fact.name in AGREES and happened_after_it(context, at)


def happened_after_it(context: DecisionContext, at: datetime) -> bool:
    """Whether a time is later than that by which the deal is held."""
    held, state = _held(context), context.state
    if held is None or state.finished:
        return False
    keys = (key for key in context.playbook.endings if context.playbook.ended_by(key) == held.outcome)
    given_up = [it.at for key in keys if (it := state.happened.get(key)) is not None]
    return not given_up or at > max(given_up)


def _end(context: DecisionContext, held: HeldEnd, why: EndReason | None) -> None:
    stages.end(context, held.outcome, held.reason, why)


def _held(context: DecisionContext) -> HeldEnd | None:
    return context.state.pause.ending if context.state.pause else None


def _known(context: DecisionContext, outcome: str, why: EndReason | None) -> EndReason | None:
    """What is known of the reason: what is said now, and beside it what was said when the deal was held."""
    held, told = _held(context), context.state.told_reason
    if held is not None and held.outcome == outcome:
        before = reasons.reason_in(held)
    else:
        before = told[1] if why is None and told is not None else None
    if before is None or why is None:
        return why or before
    return before.model_copy(update=why.changes())


def _keep_silent(context: DecisionContext, because: str) -> None:
    """Call off messages that are on their way."""
    for pending in [one for one in context.state.pending.values() if one.does in _MESSAGES]:
        context.call_off(pending.effect, because)
