"""A message that nothing was handed over of is taken up: as it is now, if it is still wanted; or put off."""

from __future__ import annotations

from typing import Any

from dealwright import entries as e
from dealwright.effects import SENT
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.sms import SmsByMachine
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.actions.email import MAIL
from dealwright.rules.actions.message import TWICE, Way, goes_out_now
from dealwright.rules.actions.sms import TEXT
from dealwright.rules.approvals import holding
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import settle_unwanted
from dealwright.rules.wanted import reason_against
from dealwright.state import Pending

_WAYS: dict[type[MessageStep], Way[Any]] = {EmailStep: MAIL, SmsByMachine: TEXT}
_UNWANTED = "nothing was handed over, and it is no longer wanted"


def send_again(context: DecisionContext, pending: Pending) -> None:
    """Take a message up."""
    due = _due(context, pending)
    if due is None:
        settle_unwanted(context, pending, _UNWANTED)
        return
    run, step, way = due.run, due.step, _WAYS[type(due.step)]
    contact = way.addressee(context, step, run)
    why = reason_against(context, run, due.play, due.index, waited=True) or holding.refusal(context, step)
    why = why or (contact if isinstance(contact, str) else None)
    if why is not None or isinstance(contact, str):
        settle_unwanted(context, pending, why or "nobody may get it")
        context.happen("step_skipped", step.subject, contact=run.contact)
        return
    put_off = holding.put_off(context, step) or way.put_off(context, run, step, contact, pending.effect)
    if put_off is None:
        message = way.message(context, due, contact).model_copy(update={"id": pending.effect})
        if goes_out_now(context, message):
            settle_unwanted(context, pending, TWICE)
            context.happen("step_skipped", step.subject, contact=run.contact)
        else:
            context.start(message, again=True)
        return
    context.note(
        e.EffectSettled(
            at=context.now, effect=pending.effect, does=pending.does, status="deferred", label=pending.label,
            reason=put_off.why, again_at=put_off.at, held_for=put_off.held_for,
        )
    )  # fmt: skip


def _due(context: DecisionContext, pending: Pending) -> DueStep[MessageStep] | None:
    """The step that a message is of, as the playbook has it now; None for one that sends no such message any more."""
    run, index = context.state.runs.get(pending.run or ""), pending.step
    play = context.playbook.play(run.play) if run else None
    if run is None or play is None or index is None or index >= len(play.actions):
        return None
    step = play.actions[index]
    if not isinstance(step, MessageStep) or SENT[pending.does] not in step.makes:
        return None
    return DueStep(run, play, index, step)
