"""Steps: the one that has been due longest is done, left out or put off, and what follows it is planned."""

from __future__ import annotations

from dealwright.entries import PlannedStep
from dealwright.playbook.language.plays import Play
from dealwright.rules import stages
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.actions.registry import carry_out
from dealwright.rules.approvals import holding
from dealwright.rules.approvals.current import open_chains
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import UNTIL_ANOTHER_LOOK, plan_instead, plan_next
from dealwright.rules.step_outcomes import NO_SUCH_STEP, plan_again, skip
from dealwright.rules.wanted import gives_way, reason_against
from dealwright.state import Run


def do_due(context: DecisionContext) -> bool:
    """Do the step that has been due longest. True when there was one."""
    due = [
        (planned.due_at, run.key, planned.index)
        for run in context.state.runs.values()
        for planned in run.planned.values()
        if planned.due_at <= context.now or _is_let_go(context, run, planned)
    ]
    if not due:
        return False
    _, key, index = min(due)
    run = context.state.runs[key]
    play = context.playbook.play(run.play)
    if play is None or index >= len(play.actions):
        skip(context, run, index, NO_SUCH_STEP)
        return True
    _do(context, run, play, index)
    return True


def _is_let_go(context: DecisionContext, run: Run, planned: PlannedStep) -> bool:
    """Whether what held a step holds it no longer."""
    if planned.held_in is not None:
        return stages.is_let_out(context, run.trigger)
    if planned.held_while is not None:
        return planned.held_while not in context.state.enrolments
    return planned.held_by is not None and not open_chains(context, planned.held_by)


def _do(context: DecisionContext, run: Run, play: Play, index: int) -> None:
    step = play.actions[index]
    if (why := reason_against(context, run, play, index) or holding.refusal(context, step)) is not None:
        otherwise = gives_way(context, run, play, index)
        skip(context, run, index, why, step, otherwise=otherwise)
        if otherwise:
            plan_instead(context, run.key, index)
    elif step.at is not None and context.time_of(step.at) is None:
        look = context.by_then(context.stage.owner, UNTIL_ANOTHER_LOOK)
        plan_again(context, run, index, look, "its date is not known yet")
        return
    elif holding.is_held(context, run, index, step) or not carry_out(context, DueStep(run, play, index, step)):
        return
    plan_next(context, run.key, index, context.now)
