"""``subscribe``: from here on, what is signed is billed."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.playbook.language.steps.subscribe import SubscribeStep
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import put_behind


def carry_out(context: DecisionContext, due: DueStep[SubscribeStep]) -> bool:
    """Note how the deal is billed. What follows for each contract term is worked out once all is settled."""
    run, plan, billing = due.run, due.step.plan, context.state.billing
    if billing is None or billing.plan != plan:
        since = billing.since if billing is not None else context.now.date()
        context.note(e.BillingBegan(at=context.now, plan=plan, since=since))
    put_behind(context, run, due.index)
    return True
