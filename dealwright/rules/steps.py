"""Steps: what is done when one is due, each kind of action in its own function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.playbook.language.parts import Dated, Play, Step
from dealwright.rules import approvals, handoffs, messages, stages
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.messages import plan_again, skip
from dealwright.rules.planning import UNTIL_ANOTHER_LOOK, plan_next
from dealwright.rules.tasks import detail_of, open_task
from dealwright.rules.wanted import reason_against
from dealwright.state import Run

_USUAL_TIME = Span.parse("1bd")
"""For a task, when the playbook says nothing else."""
_NO_PLAY = "the playbook no longer has this step"


def do_due(context: DecisionContext) -> bool:
    """Do the step that has been due longest. True when there was one."""
    due = [
        (planned.due_at, run.key, planned.index)
        for run in context.state.runs.values()
        for planned in run.planned.values()
        if planned.due_at <= context.now or (planned.held_in is not None and stages.is_let_out(context, run.trigger))
    ]
    if not due:
        return False
    _, key, index = min(due)
    run = context.state.runs[key]
    play = context.playbook.play(run.play)
    if play is None or index >= len(play.actions):
        skip(context, run, index, _NO_PLAY)
        return True
    _do(context, run, play, index)
    return True


def _do(context: DecisionContext, run: Run, play: Play, index: int) -> None:
    step = play.actions[index]
    if (why := reason_against(context, run, play, index)) is not None:
        skip(context, run, index, why, step)
    elif step.at is not None and context.time_of(step.at) is None:
        plan_again(
            context, run, index, context.by_then(context.stage.owner, UNTIL_ANOTHER_LOOK), "its date is not known yet"
        )
        return
    elif not _may_go_on(context, run, play, index):
        return
    elif step.email is None:
        _ACTIONS[step.action](context, run, step, index)
    plan_next(context, run.key, index, context.now)


def _may_go_on(context: DecisionContext, run: Run, play: Play, index: int) -> bool:
    """Send the step's message, if it has one. False when the step was only put off."""
    step = play.actions[index]
    if step.enter is not None:
        return not _is_held(context, run, index)
    return step.email is None or messages.send(context, run, play, index)


def _is_held(context: DecisionContext, run: Run, index: int) -> bool:
    """Whether the stage's hard gate keeps the deal from entering another one; it waits until the gate is open."""
    planned = run.planned[index]
    if planned.held_in is not None and planned.held_in != context.state.visit:
        skip(context, run, index, "the stage that held it was left meanwhile")
        plan_next(context, run.key, index, context.now)
        return True
    if stages.is_let_out(context, run.trigger):
        return False
    if planned.held_in is None or planned.due_at <= context.now:
        stages.note_held(context)
        look = context.by_then(context.stage.owner, UNTIL_ANOTHER_LOOK)
        plan_again(context, run, index, look, "the stage's gate holds it", held_in=context.state.visit)
    return True


def _ask(context: DecisionContext, run: Run, step: Step, index: int) -> None:
    role = step.owner or context.stage.owner
    until = context.by_then(role, step.wait) if isinstance(step.wait, Span) else None
    opened = e.TaskOpened(
        at=context.now, task=context.id_of_step(run, index), title=step.title or step.subject.replace("_", " "),
        name=step.subject, role=role, due_at=_deadline(context, step, role), escalate=step.escalate,
        required=step.required, run=run.key, step=index, gates_next=step.wait is not False, gates_until=until,
        dated=isinstance(step.due, Dated), asks=step.asks,
    )  # fmt: skip
    open_task(context, opened, detail_of(step))


def _deadline(context: DecisionContext, step: Step, role: str) -> datetime:
    """When a task is due; a time already past gives way to the date it was reckoned from."""
    if isinstance(step.due, Span) or step.due is None:
        return context.by_then(role, step.due or _USUAL_TIME)
    times = context.time_of(step.due)
    if times is None:
        return context.by_then(role, _USUAL_TIME)
    anchor, at = times
    return at if at > context.now else max(anchor, context.now)


def _tell(context: DecisionContext, run: Run, step: Step, index: int) -> None:
    text = step.text or f"{run.play}: {step.label}"
    effect = context.id_of_step(run, index)
    context.tell(step.subject, f"{text} (deal {context.deal.id})", effect, run=run.key, step=index)


def _hand_over(context: DecisionContext, run: Run, step: Step, index: int) -> None:
    rule = context.playbook.handoff(step.subject)
    if rule is None:
        skip(context, run, index, _NO_PLAY)
        return
    handoffs.begin(context, rule, context.id_of_step(run, index), run=run.key, step=index)
    _put_behind(context, run, index)


def _approve(context: DecisionContext, run: Run, step: Step, index: int) -> None:
    rule = context.playbook.approval(step.subject)
    if rule is None:
        skip(context, run, index, _NO_PLAY)
        return
    approvals.request(context, rule, context.id_of_step(run, index), run=run.key, step=index)
    _put_behind(context, run, index)


def _enter(context: DecisionContext, run: Run, step: Step, index: int) -> None:
    stage = context.playbook.stage(step.subject)
    if stage is None:
        skip(context, run, index, _NO_PLAY)
    else:
        _put_behind(context, run, index)
        stages.leave(context, stage, step.reason or f"{run.play} says so")


def _close(context: DecisionContext, run: Run, step: Step, index: int) -> None:
    if step.subject == "unresponsive" and not _silence_was_broken(context, run, step, index):
        return
    _put_behind(context, run, index)
    stages.end(context, step.subject, step.reason or f"{run.play} ended without success")


def _silence_was_broken(context: DecisionContext, run: Run, step: Step, index: int) -> bool:
    """Whether somebody was reached out to, and had the time to answer; else the deal is not closed for silence."""
    waits = [one.again_at for one in context.state.pending.values() if one.run == run.key and one.again_at is not None]
    last = max(
        [*waits, *(at for key, at in context.state.marketing_at.items() if key.split(" ", 1)[0] == run.play)],
        default=None,
    )
    if last is not None and step.after is not None:
        answered_by = context.calendar_of(context.stage.owner).add(last, step.after)
        if answered_by > context.now:
            plan_again(context, run, index, answered_by, "the last message left later than planned")
            return False
    if run.reached:
        return True
    skip(context, run, index, "nobody was reached out to", step)
    context.ask_attention(
        "unreached", f"{run.play} ended, and nobody was reached out to: the deal is not closed for it"
    )
    return False


def _put_behind(context: DecisionContext, run: Run, index: int) -> None:
    """A step whose action is not one effect is behind us all the same."""
    if (current := context.state.runs.get(run.key)) and index in current.planned:
        context.note(e.StepDone(at=context.now, run=run.key, index=index, label=current.planned[index].label))


_ACTIONS: dict[str, Callable[[DecisionContext, Run, Step, int], None]] = {
    "task": _ask,
    "notify": _tell,
    "handoff": _hand_over,
    "approval": _approve,
    "enter": _enter,
    "close": _close,
}
