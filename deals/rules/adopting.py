"""Following another playbook: what goes on, at the step of the same name, and what is stopped."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from deals import consent
from deals import entries as e
from deals.durations import Span
from deals.playbook.matching import matched_steps
from deals.playbook.model import Playbook
from deals.playbook.parts import Play
from deals.rules import approvals, handoffs
from deals.rules.desk import Desk
from deals.rules.planning import plan, plan_next
from deals.rules.plays import WHOLE_DEAL_VISIT, can_be_called_off, is_under_way, stop
from deals.rules.tasks import cancel_task
from deals.state import Run, Task

_GONE = "{} has no such play"
_ELSEWHERE = "{} has it in another stage"
_OTHER_WAY = "{} has it in another form (steps, do)"


class _Change(NamedTuple):
    """A play that goes on, as it was and as it is now."""

    old: Play
    new: Play
    steps: dict[int, int]
    """The new index of each old step that is still there."""


def adopt(desk: Desk, playbook: Playbook, bundle: str) -> str:
    """Let the deal follow another playbook. Says which plays go on, where, and which are stopped, and why."""
    before = desk.playbook
    told: dict[str, None] = {}
    going_on: dict[str, _Change] = {}
    for run in list(desk.state.runs.values()):
        old, new = before.play(run.play), _here(desk, playbook, run.play)
        if old is None or new is None:
            why = _GONE if playbook.play(run.play) is None else _ELSEWHERE
        else:
            why = _why_stopped(desk, run, old, new)
            going_on[run.key] = _Change(old, new, matched_steps(old, new))
        if why:
            going_on.pop(run.key, None)
            stop(desk, run, why.format(playbook.playbook))
            told[f"{run.play} is stopped: {why.format('the playbook')}"] = None
    desk.playbook = playbook
    leaves = desk.stage.leave_when
    desk.note(
        e.PlaybookAdopted(
            at=desk.now, playbook=playbook.playbook, bundle=bundle,
            leaves_when=leaves.words() if leaves else "a person or a play says so",
        )
    )  # fmt: skip
    goes_on = dict.fromkeys(_carry_over(desk, desk.state.runs[key], change) for key, change in going_on.items())
    desk.dates_changed = True
    return "; ".join([*goes_on, *told])


def _here(desk: Desk, playbook: Playbook, name: str) -> Play | None:
    """The play, if it belongs to the whole deal or to the stage that the deal is in."""
    stage = playbook.stage(desk.state.stage or "")
    return next((play for play in (*playbook.plays, *(stage.plays if stage else ())) if play.name == name), None)


def _why_stopped(desk: Desk, run: Run, old: Play, new: Play) -> str:
    if bool(old.do) != bool(new.do):
        return _OTHER_WAY
    since = (run.since_at or run.trigger_at, run.since)
    for key in new.until:
        if (it := consent.last_that_ends(desk.state, key)) is not None and (it.at, it.number) > since:
            return key.replace("_", " ").replace(":", ": ")
    return ""


def _carry_over(desk: Desk, run: Run, change: _Change) -> str:
    """Let a run go on by the new rules. Says where."""
    _let_go(desk, run, change)
    run = desk.state.runs[run.key]
    new, steps = change.new, change.steps
    task = desk.state.tasks.get(run.gate or "")
    index = steps.get(task.step) if task and task.step is not None else None
    wait = new.actions[index].wait if index is not None else False
    gate, until = (None, None) if wait is False else (run.gate, _gates_until(desk, task, wait))
    planned = _planned_anew(desk, run, change)
    whole_deal = desk.playbook.is_whole_deal(run.play)
    numbered_anew = any(steps.get(index) != index for index in range(len(change.old.actions)))
    carried = e.PlayCarriedOver(
        at=desk.now, run=run.key, play=run.play, playbook=desk.playbook.playbook,
        edition=run.edition + numbered_anew, whole_deal=whole_deal,
        visit=WHOLE_DEAL_VISIT if whole_deal else desk.state.visit, steps=steps, planned=planned,
        behind=_behind(run, change, planned), gate=gate, gates_until=until,
    )  # fmt: skip
    at_step = _at_step(desk, run, change, planned)
    desk.note(carried.model_copy(update={"at_step": at_step}))
    plan_next(desk, run.key, -1, desk.now)
    if at_step is None and (following := desk.state.runs[run.key].planned):
        at_step = min(following) + 1
    if not is_under_way(desk, desk.state.runs[run.key]):
        return f"{run.play} ends: nothing is left of it"
    return f"{run.play} goes on" + (f" at step {at_step}" if at_step else "")


def _gates_until(desk: Desk, task: Task | None, wait: bool | Span) -> datetime | None:
    if task is None or not isinstance(wait, Span):
        return None
    return desk.calendar_of(task.role).add(task.asked_at or desk.now, wait)


def _let_go(desk: Desk, run: Run, change: _Change) -> None:
    """Leave out the steps that the play no longer has, and call off what they asked for."""
    state, why = desk.state, f"{desk.playbook.playbook} has no such step"

    def gone(step: int | None) -> bool:
        return step is not None and step not in change.steps

    for index, planned in list(run.planned.items()):
        if gone(index):
            desk.note(e.StepSkipped(at=desk.now, run=run.key, index=index, label=planned.label, why=why))
    for task in [one for one in state.tasks.values() if one.run == run.key and gone(one.step) and not one.settles]:
        cancel_task(desk, task, why)
    for approval in [one for one in state.approvals.values() if one.run == run.key and gone(one.step)]:
        approvals.drop(desk, approval, why)
    for handoff in [one for one in state.handoffs.values() if one.run == run.key and gone(one.step)]:
        handoffs.drop(desk, handoff, why)
    for pending in [one for one in state.pending.values() if one.run == run.key and gone(one.step)]:
        if can_be_called_off(pending):
            desk.call_off(pending.effect, why)


def _planned_anew(desk: Desk, run: Run, change: _Change) -> tuple[e.PlannedStep, ...]:
    """The steps to come under their new numbers; their times stay, unless they are reckoned in another way now."""
    new, found = change.new, {}
    for index, step in run.planned.items():
        place = change.steps[index]
        again = plan(desk, new, place, run.trigger_at if new.do else desk.now)
        kept = {"index": place, "label": again.label, "name": again.name}
        found[place] = step.model_copy(update=kept) if again.dated == step.dated else again
    for place in range(len(new.do)):
        if place not in change.steps.values():
            added = plan(desk, new, place, run.trigger_at)
            if added.due_at > desk.now:  # nothing is caught up
                found[place] = added
    return tuple(found[place] for place in sorted(found))


def _behind(run: Run, change: _Change, planned: tuple[e.PlannedStep, ...]) -> tuple[str, ...]:
    """The steps that were done, by their new names, and new ones that come before where the run is."""
    old, new, steps = change.old, change.new, change.steps
    renamed = {old.step_names[mine]: new.step_names[theirs] for mine, theirs in steps.items()}
    behind = {renamed.get(name, name): None for name in run.behind}
    done = [place for place, name in enumerate(new.step_names) if name in behind]
    here = [step.index for step in planned] or done
    for place in range(max(here, default=0) if new.steps else len(new.do)):
        if place not in steps.values() and all(step.index != place for step in planned):
            behind[new.step_names[place]] = None
    return tuple(behind)


def _at_step(desk: Desk, run: Run, change: _Change, planned: tuple[e.PlannedStep, ...]) -> int | None:
    """The number of the step that a sequence is at: the next one, else the last one that is still open."""
    if change.new.do:
        return None
    asked = [task.step for task in desk.state.tasks.values() if task.run == run.key]
    asked += [approval.step for approval in desk.state.approvals.values() if approval.run == run.key]
    asked += [handoff.step for handoff in desk.state.handoffs.values() if handoff.run == run.key]
    asked += [pending.step for pending in desk.state.pending.values() if pending.run == run.key]
    at = [step.index for step in planned] or [change.steps[step] for step in asked if step in change.steps]
    return max(at) + 1 if at else None
