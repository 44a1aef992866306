"""``document``: a proposal or contract goes out to the buyer, for the deal's terms of this moment."""

from __future__ import annotations

from dealwright.calendar.durations import Span
from dealwright.playbook.language.steps.document import DocumentStep
from dealwright.rules import documents
from dealwright.rules.absence import may_go_at
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import NO_SUCH_STEP, plan_again, skip

_LOOK_AGAIN = Span.parse("1bd")


def carry_out(context: DecisionContext, due: DueStep[DocumentStep]) -> bool:
    """Send the document, or skip it where it is out already. False when it was only put off."""
    run, index, step = due.run, due.index, due.step
    rule = context.playbook.documents.get(step.document)
    if rule is None:
        skip(context, run, index, NO_SUCH_STEP)
        return True
    role, point = step.owner or context.stage.owner, f"document:{step.document}"
    contact = documents.addressee(context, rule, run.contact)
    if isinstance(contact, str):
        context.ask_attention(point, f"{step.document} is not sent: {contact}")
        skip(context, run, index, contact, step)
        return True
    if (there := documents.out_now(context, step.document)) is not None:
        if there.standing == "withdrawing" or there.recalled is not None:
            why = "could not be taken back" if there.standing == "kept" else "is being taken back"
            plan_again(context, run, index, context.by_then(role, _LOOK_AGAIN), f"its last version {why}")
            return False
        skip(context, run, index, f"version {there.version} is out already", step)
        return True
    if unknown := documents.not_known(context, rule):
        why = f"{' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not known yet"
        context.ask_attention(point, f"{step.document} waits: {why}")
        plan_again(context, run, index, context.by_then(role, _LOOK_AGAIN), why)
        return False
    if (opens := may_go_at(context, contact)) > context.now:
        plan_again(context, run, index, opens, "outside the contact's hours, or they are away")
        return False
    context.settle_attention(point, "it is sent")
    effect = context.id_of_step(run, index)
    drawing = documents.Drawing(step.document, rule, contact, role)
    documents.draw_up(context, drawing, effect, run=run.key, step=index)
    return True
