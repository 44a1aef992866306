"""``notify``: whoever holds a role is told something."""

from __future__ import annotations

from dealwright.identity import about_whom
from dealwright.playbook.language.steps.notify import NotifyStep
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext


def carry_out(context: DecisionContext, due: DueStep[NotifyStep]) -> bool:
    """Send the notice."""
    run, step = due.run, due.step
    text = f"{about_whom(step.text or f'{run.play}: {step.label}', run.contact)} (deal {context.deal.id})"
    context.tell(step.notify, text, context.id_of_step(run, due.index), run=run.key, step=due.index)
    return True
