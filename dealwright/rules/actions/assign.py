"""``assign``: somebody of a pool gets a role, as soon as it is known whose turn it is."""

from __future__ import annotations

from dealwright.playbook.language.steps.assign import AssignStep
from dealwright.rules import routing
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import NO_SUCH_STEP, skip


def carry_out(context: DecisionContext, due: DueStep[AssignStep]) -> bool:
    """Ask whose turn it is. What comes next in the play waits for the answer."""
    run, index, step = due.run, due.index, due.step
    if step.from_ not in context.playbook.pools:
        skip(context, run, index, NO_SUCH_STEP)
        return True
    routing.ask_whose_turn(context, context.id_of_step(run, index), step, run=run.key, index=index)
    return False
