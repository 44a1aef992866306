"""``handoff``: the deal begins to pass to its next owner."""

from __future__ import annotations

from dealwright.playbook.language.steps.handoff import HandoffStep
from dealwright.rules import handoffs
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import NO_SUCH_STEP, put_behind, skip


def carry_out(context: DecisionContext, due: DueStep[HandoffStep]) -> bool:
    """Begin the handoff."""
    rule = context.playbook.handoff(due.step.handoff)
    if rule is None:
        skip(context, due.run, due.index, NO_SUCH_STEP)
        return True
    handoffs.begin(context, rule, context.id_of_step(due.run, due.index), run=due.run.key, step=due.index)
    put_behind(context, due.run, due.index)
    return True
