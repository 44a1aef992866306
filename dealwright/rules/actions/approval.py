"""``approval``: a chain of people is asked for a yes."""

from __future__ import annotations

from dealwright.playbook.language.steps.approval import ApprovalStep
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.approvals import questions
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import NO_SUCH_STEP, put_behind, skip


def carry_out(context: DecisionContext, due: DueStep[ApprovalStep]) -> bool:
    """Ask for the approval."""
    rule = context.playbook.approval(due.step.approval)
    if rule is None:
        skip(context, due.run, due.index, NO_SUCH_STEP)
        return True
    questions.request(context, rule, context.id_of_step(due.run, due.index), run=due.run.key, step=due.index)
    put_behind(context, due.run, due.index)
    return True
