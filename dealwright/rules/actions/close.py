"""``close``: the deal ends, after the time that its step gives.

For silence it ends only when somebody was reached out to, had the time to answer, and did not.
"""

from __future__ import annotations

from datetime import datetime

from dealwright.contacts import answered_last
from dealwright.deal import EndReason
from dealwright.effects import SENT
from dealwright.playbook.language.steps.close import CloseStep
from dealwright.rules import going_on, stages
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import plan_again, put_behind, skip
from dealwright.state import DealState, Run


def carry_out(context: DecisionContext, due: DueStep[CloseStep]) -> bool:
    """End the deal."""
    run, index, step = due.run, due.index, due.step
    if going_on.was_past(context, run.planned[index]):
        skip(context, run, index, going_on.PAST, step)
        return True
    if _had_no_time(context, run, step, index):
        return True
    if step.close == "unresponsive" and not _silence_was_broken(context, due):
        return True
    put_behind(context, run, index)
    why = EndReason(reason_code=step.reason_code) if step.reason_code else None
    stages.end(context, step.close, step.reason or f"{run.play} ended without success", why)
    return True


def _had_no_time(context: DecisionContext, run: Run, step: CloseStep, index: int) -> bool:
    """Whether the time that the step gives was over before its play began: then people are given it from then on.

    So it is where a date was told late, or nobody looked: whoever is asked meanwhile is asked only now.
    """
    planned = run.planned[index]
    if step.after is None or planned.planned_at is None or planned.due_at >= planned.planned_at:
        return False
    again = context.calendar_of(step.role or context.stage.owner).add(planned.planned_at, step.after)
    plan_again(context, run, index, max(again, context.now), "the time that it gives was over before the play began")
    return True


def _silence_was_broken(context: DecisionContext, due: DueStep[CloseStep]) -> bool:
    """Whether somebody was reached out to, had the time to answer and did not; else no deal is closed for silence."""
    run, index, step = due.run, due.index, due.step
    if (answered_by := _has_to_answer_by(context, run, step)) is not None and answered_by > context.now:
        plan_again(context, run, index, answered_by, "the last message left later than planned")
        return False
    by_others = None if any(one.reaches_out for one in due.play.actions) else _reached_last(context.state)
    silent_since = run.trigger_at if by_others is None else min(run.trigger_at, by_others)
    answered = answered_last(context.state)
    if answered is not None and answered > silent_since:
        skip(context, run, index, f"somebody there answered on {answered:%d %b %Y}", step)
        return False
    if run.reached or by_others is not None:
        return True
    skip(context, run, index, "nobody was reached out to", step)
    context.ask_attention(
        "unreached", f"{run.play} ended, and nobody was reached out to: the deal is not closed for it"
    )
    return False


def _has_to_answer_by(context: DecisionContext, run: Run, step: CloseStep) -> datetime | None:
    """Until when whoever was written to late by this play has the time to answer."""
    waits = [one.again_at for one in context.state.pending.values() if one.run == run.key and one.again_at is not None]
    sent = [at for key, at in context.state.marketing_at.items() if key.split(" ", 1)[0] == run.play]
    last = max([*waits, *sent], default=None)
    if last is None or step.after is None:
        return None
    return context.calendar_of(context.stage.owner).add(last, step.after)


def _reached_last(state: DealState) -> datetime | None:
    """When any play last reached out, since the deal was opened (again): a message that left, a task that was done."""
    happened = (state.happened.get(name) for name in (*SENT.values(), "task_done"))
    last = max((it.at for it in happened if it is not None), default=None)
    return None if last is None or (state.reopened_at is not None and last <= state.reopened_at) else last
