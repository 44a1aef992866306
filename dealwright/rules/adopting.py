"""Following another playbook: what goes on, at the step of the same name, and what is stopped."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.identity import of_run
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.step_matching import matched_steps
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.rules import enrolments, handoffs, stages
from dealwright.rules.approvals.asking import drop as drop_approval
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import plan, plan_next
from dealwright.rules.play_ends import last_that_ends
from dealwright.rules.plays import WHOLE_DEAL_VISIT, can_be_called_off, is_under_way, stop
from dealwright.rules.set_aside import set_aside, take_up
from dealwright.rules.tasks import cancel_task
from dealwright.state import Enrolment, Run, Task

_GONE = "{} has no such play"
_ELSEWHERE = "{} has it in another stage"
_FOR_OTHERS = "{} has it for other contacts"
_OTHER_WAY = "{} has it in another form (steps, do)"


class _Change(NamedTuple):
    """A play that goes on, as it was and as it is now."""

    old: Play
    new: Play
    steps: dict[int, int]
    """The new index of each old step that is still there."""


def adopt(context: DecisionContext, playbook: Playbook, bundle: str, *, on_entry: bool = False) -> str:
    """Let the deal follow another playbook. Says which plays go on, where, and which are stopped, and why.

    A deal that goes back to the playbook that it came from takes up the plays that it had stopped for this one.
    ``on_entry``: it has just entered a stage, which is the new playbook's from the beginning.
    """
    before, told, going_on = context.playbook, dict[str, None](), dict[str, _Change]()
    kept = tuple(context.state.set_aside) if bundle == context.state.came_from else ()
    stopped: list[str] = []
    for run in list(context.state.runs.values()):
        old, new = before.play(run.play), _here(context, playbook, run.play)
        if old is None or new is None:
            why = _GONE if playbook.play(run.play) is None else _ELSEWHERE
        else:
            why = _why_stopped(context, run, old, new)
            going_on[run.key] = _Change(old, new, matched_steps(old, new))
        if why:
            going_on.pop(run.key, None)
            if old is not None:
                set_aside(context, run, old)
                stopped.append(run.key)
            stop(context, run, why.format(playbook.playbook))
            told[f"{run.play} is stopped: {why.format('the playbook')}"] = None
    context.playbook = playbook
    context.note(_adopted(context, bundle, (*stopped, *kept), on_entry=on_entry))
    goes_on = dict.fromkeys(_carry_over(context, context.state.runs[key], change) for key, change in going_on.items())
    again = _taken_up(context, kept)
    context.dates_changed = True
    return "; ".join([*goes_on, *again, *told])


def _adopted(context: DecisionContext, bundle: str, keeps: tuple[str, ...], *, on_entry: bool) -> e.PlaybookAdopted:
    stage = context.stage
    leaves = stage.leave_when
    adopted = e.PlaybookAdopted(
        at=context.now, playbook=context.playbook.playbook, bundle=bundle, keeps=keeps,
        leaves_when=leaves.words() if leaves else "a person or a play says so",
    )  # fmt: skip
    if not on_entry:
        return adopted
    stalls_at = context.by_then(stage.owner, stage.stalls_after)
    entered = {"owner_role": stages.who_owns(context, stage), "stalls_at": stalls_at, "marks": stage.marks}
    return adopted.model_copy(update=entered)


def _taken_up(context: DecisionContext, kept: tuple[str, ...]) -> list[str]:
    """Take up the runs that were set aside, but those that have ended by now or run already."""
    again = []
    for run in [context.state.set_aside[key] for key in kept if key in context.state.set_aside]:
        play = _here(context, context.playbook, run.play)
        runs_already = any((one.play, one.contact) == (run.play, run.contact) for one in context.state.runs.values())
        if play is None or runs_already or _why_stopped(context, run, play, play):
            continue
        again.append(take_up(context, run, play))
    return again


def _here(context: DecisionContext, playbook: Playbook, name: str) -> Play | None:
    """The play, if it belongs to the whole deal or to the stage that the deal is in."""
    stage = playbook.stage(context.state.stage or "")
    return next((play for play in (*playbook.plays, *(stage.plays if stage else ())) if play.name == name), None)


def _why_stopped(context: DecisionContext, run: Run, old: Play, new: Play) -> str:
    if bool(old.do) != bool(new.do):
        return _OTHER_WAY
    since = (run.since_at or run.trigger_at, run.since)
    if (old.for_each is None) != (new.for_each is None):
        return _FOR_OTHERS
    if new.for_each is not None and all(run.contact != one.id for one in new.for_each.contact.of(context.state)):
        return _FOR_OTHERS
    for key in new.until:
        it = last_that_ends(context.state, new, key, run.contact)
        if it is not None and (it.at, it.number) > since:
            return key.replace("_", " ").replace(":", ": ")
    return ""


def _carry_over(context: DecisionContext, run: Run, change: _Change) -> str:
    """Let a run go on by the new rules. Says where."""
    _let_go(context, run, change)
    run = context.state.runs[run.key]
    new, steps = change.new, change.steps
    gating = context.state.tasks.get(run.gate or "") or context.state.enrolments.get(run.gate or "")
    index = steps.get(gating.step) if gating and gating.step is not None else None
    step = new.actions[index] if index is not None else None
    wait = step.wait if isinstance(step, WorkStep | EnrolStep) else False
    gate, until = (None, None) if wait is False else (run.gate, _gates_until(context, gating, wait))
    planned = _planned_anew(context, run, change)
    whole_deal = context.playbook.is_whole_deal(run.play)
    numbered_anew = any(steps.get(index) != index for index in range(len(change.old.actions)))
    carried = e.PlayCarriedOver(
        at=context.now, run=run.key, play=run.play, playbook=context.playbook.playbook,
        edition=run.edition + numbered_anew, whole_deal=whole_deal,
        visit=WHOLE_DEAL_VISIT if whole_deal else context.state.visit, steps=steps, planned=planned,
        behind=_behind(run, change, planned), gate=gate, gates_until=until, contact=run.contact,
    )  # fmt: skip
    at_step = _at_step(context, run, change, planned)
    context.note(carried.model_copy(update={"at_step": at_step}))
    plan_next(context, run.key, -1, context.now)
    if at_step is None and (following := context.state.runs[run.key].planned):
        at_step = min(following) + 1
    if not is_under_way(context, context.state.runs[run.key]):
        return f"{of_run(run.play, run.contact)} ends: nothing is left of it"
    return f"{of_run(run.play, run.contact)} goes on" + (f" at step {at_step}" if at_step else "")


def _gates_until(context: DecisionContext, gating: Task | Enrolment | None, wait: bool | Span) -> datetime | None:
    if gating is None or not isinstance(wait, Span):
        return None
    if isinstance(gating, Enrolment):
        return context.calendar_of(context.stage.owner).add(gating.since, wait)
    return context.calendar_of(gating.role).add(gating.asked_at or context.now, wait)


def _let_go(context: DecisionContext, run: Run, change: _Change) -> None:
    """Leave out the steps that the play no longer has, and call off what they asked for."""
    state, why = context.state, f"{context.playbook.playbook} has no such step"

    def gone(step: int | None) -> bool:
        return step is not None and step not in change.steps

    for index, planned in list(run.planned.items()):
        if gone(index):
            context.note(e.StepSkipped(at=context.now, run=run.key, index=index, label=planned.label, why=why))
    for task in [one for one in state.tasks.values() if one.run == run.key and gone(one.step) and not one.settles]:
        cancel_task(context, task, why)
    for enrolment in [one for one in state.enrolments.values() if one.run == run.key and gone(one.step)]:
        enrolments.stop(context, enrolment, why)
    for approval in [one for one in state.approvals.values() if one.run == run.key and gone(one.step)]:
        drop_approval(context, approval, why)
    for handoff in [one for one in state.handoffs.values() if one.run == run.key and gone(one.step)]:
        handoffs.drop(context, handoff, why)
    for pending in [one for one in state.pending.values() if one.run == run.key and gone(one.step)]:
        if can_be_called_off(pending):
            context.call_off(pending.effect, why)


def _planned_anew(context: DecisionContext, run: Run, change: _Change) -> tuple[e.PlannedStep, ...]:
    """The steps to come under their new numbers; their times stay, unless they are reckoned in another way now."""
    new, found = change.new, {}
    otherwise = {change.steps[index] for index in run.otherwise if index in change.steps}
    for index, step in run.planned.items():
        place = change.steps[index]
        if not new.branches.is_taken(place, otherwise):
            continue  # it stands under an else now: it comes if that does
        again = plan(context, new, place, run.trigger_at if new.do else context.now, run.contact)
        kept = {"index": place, "label": again.label, "name": again.name}
        found[place] = step.model_copy(update=kept) if again.dated == step.dated else again
    for place in range(len(new.actions)) if new.do else ():
        if place not in change.steps.values() and new.branches.is_taken(place, ()):
            added = plan(context, new, place, run.trigger_at, run.contact)
            if added.due_at > context.now:  # nothing is caught up
                found[place] = added
    return tuple(found[place] for place in sorted(found))


def _behind(run: Run, change: _Change, planned: tuple[e.PlannedStep, ...]) -> tuple[str, ...]:
    """The steps that were done, by their new names, and new ones that come before where the run is."""
    old, new, steps = change.old, change.new, change.steps
    renamed = {old.step_names[mine]: new.step_names[theirs] for mine, theirs in steps.items()}
    behind = {renamed.get(name, name): None for name in run.behind}
    done = [place for place, name in enumerate(new.step_names) if name in behind]
    here = [step.index for step in planned] or done
    to_come = {step.index for step in planned}
    for place in range(max(here, default=0) if new.steps else len(new.actions)):
        if place not in steps.values() and to_come.isdisjoint((place, *new.branches.before(place))):
            behind[new.step_names[place]] = None
    return tuple(behind)


def _at_step(context: DecisionContext, run: Run, change: _Change, planned: tuple[e.PlannedStep, ...]) -> int | None:
    """The number of the step that a sequence is at: the next one, else the last one that is still open."""
    if change.new.do:
        return None
    asked = [task.step for task in context.state.tasks.values() if task.run == run.key]
    asked += [enrolment.step for enrolment in context.state.enrolments.values() if enrolment.run == run.key]
    asked += [approval.step for approval in context.state.approvals.values() if approval.run == run.key]
    asked += [handoff.step for handoff in context.state.handoffs.values() if handoff.run == run.key]
    asked += [pending.step for pending in context.state.pending.values() if pending.run == run.key]
    at = [step.index for step in planned] or [change.steps[step] for step in asked if step in change.steps]
    return max(at) + 1 if at else None
