"""``enter``: the deal goes to another stage, once the gate of its own lets it."""

from __future__ import annotations

from dealwright.playbook.language.steps.enter import EnterStep
from dealwright.rules import cool_off, stages
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import UNTIL_ANOTHER_LOOK
from dealwright.rules.step_outcomes import NO_SUCH_STEP, plan_again, put_behind, skip


def carry_out(context: DecisionContext, due: DueStep[EnterStep]) -> bool:
    """Enter the stage. While a hard gate holds the deal, the step waits until the gate is open."""
    run, index, step = due.run, due.index, due.step
    planned = run.planned[index]
    if planned.held_in is not None and planned.held_in != context.state.visit:
        skip(context, run, index, "the stage that held it was left meanwhile")
        return True
    if not stages.is_let_out(context, run.trigger):
        if planned.held_in is None or planned.due_at <= context.now:
            stages.note_held(context)
            look = context.by_then(context.stage.owner, UNTIL_ANOTHER_LOOK)
            plan_again(context, run, index, look, "the stage's gate holds it", held_in=context.state.visit)
        return False
    stage = context.playbook.stage(step.enter)
    if stage is None:
        skip(context, run, index, NO_SUCH_STEP)
    else:
        put_behind(context, run, index)
        cool_off.after_run(context, run)
        stages.leave(context, stage, step.reason or f"{run.play} says so")
    return True
