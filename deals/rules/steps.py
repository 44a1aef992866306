"""Steps: what is done when one is due, each kind of action in its own function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from deals import entries as e
from deals.durations import Span
from deals.playbook.parts import Dated, Play, Step
from deals.rules import approvals, handoffs, messages, stages
from deals.rules.desk import Desk
from deals.rules.messages import plan_again, skip
from deals.rules.planning import UNTIL_ANOTHER_LOOK, plan_next
from deals.rules.tasks import detail_of, open_task
from deals.rules.wanted import reason_against
from deals.state import Run

_USUAL_TIME = Span.parse("1bd")
"""For a task, when the playbook says nothing else."""
_NO_PLAY = "the playbook no longer has this step"


def do_due(desk: Desk) -> bool:
    """Do the step that has been due longest. True when there was one."""
    due = [
        (planned.due_at, run.key, planned.index)
        for run in desk.state.runs.values()
        for planned in run.planned.values()
        if planned.due_at <= desk.now or (planned.held_in is not None and stages.is_let_out(desk, run.trigger))
    ]
    if not due:
        return False
    _, key, index = min(due)
    run = desk.state.runs[key]
    play = desk.playbook.play(run.play)
    if play is None or index >= len(play.actions):
        skip(desk, run, index, _NO_PLAY)
        return True
    _do(desk, run, play, index)
    return True


def _do(desk: Desk, run: Run, play: Play, index: int) -> None:
    step = play.actions[index]
    if (why := reason_against(desk, run, play, index)) is not None:
        skip(desk, run, index, why, step)
    elif step.at is not None and desk.time_of(step.at) is None:
        plan_again(desk, run, index, desk.by_then(desk.stage.owner, UNTIL_ANOTHER_LOOK), "its date is not known yet")
        return
    elif not _may_go_on(desk, run, play, index):
        return
    elif step.email is None:
        _ACTIONS[step.action](desk, run, step, index)
    plan_next(desk, run.key, index, desk.now)


def _may_go_on(desk: Desk, run: Run, play: Play, index: int) -> bool:
    """Send the step's message, if it has one. False when the step was only put off."""
    step = play.actions[index]
    if step.enter is not None:
        return not _is_held(desk, run, index)
    return step.email is None or messages.send(desk, run, play, index)


def _is_held(desk: Desk, run: Run, index: int) -> bool:
    """Whether the stage's hard gate keeps the deal from entering another one; it waits until the gate is open."""
    planned = run.planned[index]
    if planned.held_in is not None and planned.held_in != desk.state.visit:
        skip(desk, run, index, "the stage that held it was left meanwhile")
        plan_next(desk, run.key, index, desk.now)
        return True
    if stages.is_let_out(desk, run.trigger):
        return False
    if planned.held_in is None or planned.due_at <= desk.now:
        stages.note_held(desk)
        look = desk.by_then(desk.stage.owner, UNTIL_ANOTHER_LOOK)
        plan_again(desk, run, index, look, "the stage's gate holds it", held_in=desk.state.visit)
    return True


def _ask(desk: Desk, run: Run, step: Step, index: int) -> None:
    role = step.owner or desk.stage.owner
    until = desk.by_then(role, step.wait) if isinstance(step.wait, Span) else None
    opened = e.TaskOpened(
        at=desk.now, task=desk.id_of_step(run, index), title=step.title or step.subject.replace("_", " "),
        name=step.subject, role=role, due_at=_deadline(desk, step, role), escalate=step.escalate,
        required=step.required, run=run.key, step=index, gates_next=step.wait is not False, gates_until=until,
        dated=isinstance(step.due, Dated), asks=step.asks,
    )  # fmt: skip
    open_task(desk, opened, detail_of(step))


def _deadline(desk: Desk, step: Step, role: str) -> datetime:
    """When a task is due; a time already past gives way to the date it was reckoned from."""
    if isinstance(step.due, Span) or step.due is None:
        return desk.by_then(role, step.due or _USUAL_TIME)
    times = desk.time_of(step.due)
    if times is None:
        return desk.by_then(role, _USUAL_TIME)
    anchor, at = times
    return at if at > desk.now else max(anchor, desk.now)


def _tell(desk: Desk, run: Run, step: Step, index: int) -> None:
    text = step.text or f"{run.play}: {step.label}"
    effect = desk.id_of_step(run, index)
    desk.tell(step.subject, f"{text} (deal {desk.deal.id})", effect, run=run.key, step=index)


def _hand_over(desk: Desk, run: Run, step: Step, index: int) -> None:
    rule = desk.playbook.handoff(step.subject)
    if rule is None:
        skip(desk, run, index, _NO_PLAY)
        return
    handoffs.begin(desk, rule, desk.id_of_step(run, index), run=run.key, step=index)
    _put_behind(desk, run, index)


def _approve(desk: Desk, run: Run, step: Step, index: int) -> None:
    rule = desk.playbook.approval(step.subject)
    if rule is None:
        skip(desk, run, index, _NO_PLAY)
        return
    approvals.request(desk, rule, desk.id_of_step(run, index), run=run.key, step=index)
    _put_behind(desk, run, index)


def _enter(desk: Desk, run: Run, step: Step, index: int) -> None:
    stage = desk.playbook.stage(step.subject)
    if stage is None:
        skip(desk, run, index, _NO_PLAY)
    else:
        _put_behind(desk, run, index)
        stages.leave(desk, stage, step.reason or f"{run.play} says so")


def _close(desk: Desk, run: Run, step: Step, index: int) -> None:
    if step.subject == "unresponsive" and not _silence_was_broken(desk, run, step, index):
        return
    _put_behind(desk, run, index)
    stages.end(desk, step.subject, step.reason or f"{run.play} ended without success")


def _silence_was_broken(desk: Desk, run: Run, step: Step, index: int) -> bool:
    """Whether somebody was reached out to, and had the time to answer; else the deal is not closed for silence."""
    waits = [one.again_at for one in desk.state.pending.values() if one.run == run.key and one.again_at is not None]
    last = max(
        [*waits, *(at for key, at in desk.state.marketing_at.items() if key.split(" ", 1)[0] == run.play)], default=None
    )
    if last is not None and step.after is not None:
        answered_by = desk.calendar_of(desk.stage.owner).add(last, step.after)
        if answered_by > desk.now:
            plan_again(desk, run, index, answered_by, "the last message left later than planned")
            return False
    if run.reached:
        return True
    skip(desk, run, index, "nobody was reached out to", step)
    desk.ask_attention("unreached", f"{run.play} ended, and nobody was reached out to: the deal is not closed for it")
    return False


def _put_behind(desk: Desk, run: Run, index: int) -> None:
    """A step whose action is not one effect is behind us all the same."""
    if (current := desk.state.runs.get(run.key)) and index in current.planned:
        desk.note(e.StepDone(at=desk.now, run=run.key, index=index, label=current.planned[index].label))


_ACTIONS: dict[str, Callable[[Desk, Run, Step, int], None]] = {
    "task": _ask,
    "notify": _tell,
    "handoff": _hand_over,
    "approval": _approve,
    "enter": _enter,
    "close": _close,
}
