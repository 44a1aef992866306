"""Carrying out commands: each gets a verdict, and each override is written down with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dealwright import commands as c
from dealwright import entries as e
from dealwright.deal import EndReason, Known
from dealwright.decision import Received, Verdict
from dealwright.diagnostics.diagnostic import BadInput, BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted, sentences
from dealwright.identity import about_whom
from dealwright.learning.amending import amended
from dealwright.learning.lessons import Lesson
from dealwright.playbook.language.plays import Play
from dealwright.rules import (
    adoption_plans,
    afterlife,
    approvers,
    handoffs,
    held_ends,
    pauses,
    reasons,
    stages,
    suggestions,
)
from dealwright.rules.approvals.answers import decide_approval
from dealwright.rules.completing import complete
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.declared_words import mind_notes, undeclared_source
from dealwright.rules.following_up import is_where_it_belongs
from dealwright.rules.outcomes import settle_uncertain
from dealwright.rules.own_fields import refused_fields
from dealwright.rules.planning import plan_next
from dealwright.rules.plays import Cause, contacts_of, start, stop
from dealwright.rules.task_answers import learned_by
from dealwright.rules.tasks import cancel_task
from dealwright.rules.told_dates import dates_moved
from dealwright.state import Run, Task
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import check_known
from dealwright.validation.reading import read_json


def take_command(context: DecisionContext, received: Received) -> None:
    """Carry out a command and give its verdict."""
    id_ = received.id or f"{received.name}-{context.state.entries}"
    try:
        command = _read_command(received)
    except BadInput as error:
        context.verdicts[id_] = Verdict(accepted=False, text=str(error))
        return
    told = (
        amended(context.state, context.deal, command.known, context.now) if isinstance(command, c.Amend) else Lesson()
    )
    dates = dates_moved(context, told)
    verdict = _CARRY_OUT[command.name](context, command)
    context.verdicts[id_] = verdict
    if isinstance(command, c.AdoptPlaybook) and command.preview:
        return  # it was only a question
    if not verdict.accepted:
        told, dates = Lesson(), ()
    context.note(
        e.CommandTaken(
            at=context.now, command=command.name, id=id_, by=command.by, accepted=verdict.accepted, text=verdict.text,
            why=vars(command).get("why"), learned=told.learned, taught=told.taught, things=told.things,
            focus=told.focus, dates=dates,
        )
    )  # fmt: skip
    context.learned(told.learned)
    mind_notes(context, told.learned)


def _yes(text: str) -> Verdict:
    return Verdict(accepted=True, text=text)


def _no(text: str) -> Verdict:
    return Verdict(accepted=False, text=text)


def _move_to_stage(context: DecisionContext, command: c.MoveToStage) -> Verdict:
    stage = context.playbook.stage(command.stage)
    if stage is None:
        names = ", ".join(each.name for each in context.playbook.stages)
        return _no(f"There is no stage {command.stage!r}. Stages are: {names}.")
    if stage.name == context.state.stage:
        return _no(f"The deal is in {stage.name} already.")
    stages.leave(context, stage, f"{command.by}: {command.why}")
    is_where_it_belongs(context, f"{command.by} moved it")
    return _yes(f"The deal is now in {stage.name}.")


def _skip_play(context: DecisionContext, command: c.SkipPlay) -> Verdict:
    runs = [run for run in context.state.runs.values() if run.play == command.play]
    play = context.playbook.play(command.play)
    if not runs or play is None:
        running = ", ".join(sorted({run.play for run in context.state.runs.values()})) or "none"
        return _no(f"No run of {command.play!r} is under way. Running plays: {running}.")
    if command.step is None:
        for run in runs:
            stop(context, run, f"skipped by {command.by}: {command.why}", skipped=_required_ahead(context, run, play))
        return _yes(f"{command.play} is stopped.")
    for run in runs:
        for index, planned in list(run.planned.items()):
            step = play.actions[index]
            if _is_named(play, index, command.step):
                why = f"{command.by}: {command.why}"
                skipped = e.StepSkipped(
                    at=context.now, run=run.key, index=index, label=planned.label, why=why, required=step.is_required
                )
                context.note(skipped)
                plan_next(context, run.key, index, context.now)
                return _yes(f"{planned.label} is left out.")
    for task in [task for task in context.state.tasks.values() if task.run in {run.key for run in runs}]:
        if task.step is not None and _is_named(play, task.step, command.step):
            return _skip_task(context, task, play, f"{command.by}: {command.why}")
    return _no(f"{command.play} has no step {command.step!r} ahead. Name it by its template, task or number.")


def _is_named(play: Play, index: int, name: str) -> bool:
    step = play.actions[index]
    return name in {step.name, step.subject, str(index + 1)}


def _skip_task(context: DecisionContext, task: Task, play: Play, why: str) -> Verdict:
    """Leave a step out whose task is open, and let its play go on."""
    run, index = task.run or "", task.step or 0
    label = about_whom(play.actions[index].label, task.contact)
    cancel_task(context, task, why)
    context.note(e.StepSkipped(at=context.now, run=run, index=index, label=label, why=why, required=task.required))
    plan_next(context, run, index, context.now)
    return _yes(f"{label} is left out.")


def _required_ahead(context: DecisionContext, run: Run, play: Play) -> tuple[str, ...]:
    """The required actions of a run that are not done: asked for, planned, or still to be planned."""
    asked = [task for task in context.state.tasks.values() if task.run == run.key]
    steps = [*run.planned, *(task.step for task in asked if task.step is not None)]
    last = max(steps, default=len(play.actions))
    following = range(last + 1, len(play.actions)) if play.steps else ()
    ahead = {*run.planned, *(index for index in following if play.branches.is_taken(index, run.otherwise))}
    return (
        *(task.title for task in asked if task.required),
        *(play.actions[index].label for index in sorted(ahead) if play.actions[index].is_required),
    )


def _complete_task(context: DecisionContext, command: c.CompleteTask) -> Verdict:
    task = next((t for t in context.state.tasks.values() if command.task in {t.id, t.name}), None)
    if task is None and context.state.finished:
        return _no(f"The deal was closed before ({context.state.outcome}).")
    if task is None:
        open_tasks = ", ".join(sorted({one.name for one in context.state.tasks.values()})) or "none"
        return _no(f"This task is not open: it was done, cancelled, or never asked for. Open are: {open_tasks}.")
    try:
        learned = learned_by(context, task, command)
    except BadInput as error:
        return _no(str(error))
    if learned and (problem := _problem(context, learned)):
        return _no(problem)
    if lacking := reasons.refusal(context, task, command):
        return _no(lacking)
    complete(context, task, command.by, command.result, command.outcome, learned)
    reasons.explain(context, task, command)
    held_ends.end_as_told(context, task, command)
    return _yes(f"Done: {task.title}{'' if task.title.endswith(('.', '?', '!')) else '.'}")


def _reassign(context: DecisionContext, command: c.Reassign) -> Verdict:
    if stranger := context.no_such_role((command.role,)):
        return _no(stranger)
    patch = Known(owners={command.role: command.to})
    if problem := _problem(context, patch) or approvers.refusal(context, patch, command.by):
        return _no(problem)
    context.note(e.OwnerChanged(at=context.now, role=command.role, person=command.to, by=command.by, why=command.why))
    context.dates_changed = True
    return _yes(f"{command.to.name} is now {command.role}.")


def _read_command(received: Received) -> c.Command:
    if received.name not in c.COMMANDS:
        raise BadValue(f"there is no command {quoted(received.name)}", did_you_mean(received.name, c.COMMANDS))
    return read_json(c.COMMANDS[received.name], received.payload)


def _amend(context: DecisionContext, command: c.Amend) -> Verdict:
    parts = sorted(command.known.model_fields_set, key=list(Known.model_fields).index)
    if not parts:
        return _no("Nothing to amend: give at least one part in known.")
    if problem := _problem(context, command.known) or context.no_such_role(command.known.owners or ()):
        return _no(problem)
    learned = amended(context.state, context.deal, command.known, context.now).learned
    if refusal := approvers.refusal(context, learned, command.by):
        return _no(refusal)
    return _yes(f"Amended: {', '.join(parts)}.")


def _problem(context: DecisionContext, patch: Known) -> str | None:
    try:
        check_known(patch)
    except BadDeal as error:
        return str(error)
    if refused := refused_fields(context.playbook, patch):
        return str(BadDeal(refused))
    wrong = undeclared_source(context.playbook, patch) or context.too_much(patch)
    return str(wrong) if wrong else None


def _start_play(context: DecisionContext, command: c.StartPlay) -> Verdict:
    play = context.playbook.play(command.play)
    if play is None:
        remedy = did_you_mean(command.play, [each.name for _, each in context.playbook.everything()])
        return _no(sentences(f"there is no play {command.play!r} in {context.playbook.playbook}", remedy))
    if play not in (*context.playbook.plays, *context.stage.plays):
        home = next(stage.name for stage, each in context.playbook.everything() if stage and each is play)
        return _no(f"{play.name} belongs to the stage {home}, and the deal is in {context.stage.name}: move it first.")
    cause = Cause.wanted(context, play, f"{command.by}: {command.why}")
    whom = contacts_of(context, play, cause)
    if not whom and play.for_each is not None:
        return _no(f"{play.name} runs for {play.for_each.contact.words()}, and the deal has no such contact.")
    running = {run.contact for run in context.state.runs.values() if run.play == play.name} if play.alone else set()
    if whom and running.issuperset(whom):
        return _no(f"{play.name} runs already, and wants to be alone: skip_play stops it.")
    for contact in whom:
        if contact not in running:
            start(context, play, cause, contact=contact)
    return _yes(f"{play.name} is started.")


def _resolve_touch(context: DecisionContext, command: c.ResolveTouch) -> Verdict:
    status = "done" if command.sent else "skipped"
    if not settle_uncertain(context, command.effect, status, f"{command.by}: {command.why}"):
        return _no("This touch is not uncertain (any more).")
    return _yes("Noted as sent." if command.sent else "Noted as not sent. It is not sent again.")


def _acknowledge(context: DecisionContext, command: c.Acknowledge) -> Verdict:
    points = list(context.state.attention) if command.point == "all" else [command.point]
    if not points or any(point not in context.state.attention for point in points):
        return _no(f"Nothing of that name needs attention. Points: {', '.join(context.state.attention) or 'none'}.")
    for point in points:
        context.settle_attention(point, f"{command.by}: {command.why}")
    return _yes("Taken off the list.")


def _close(context: DecisionContext, command: c.Close) -> Verdict:
    why = reasons.reason_in(command) or EndReason()
    if missing := [*reasons.lacking(context.playbook, command.outcome, why)]:
        return _no(" ".join(map(str, missing)))
    stages.end(context, command.outcome, f"{command.by}: {command.why}", why)
    return _yes(f"The deal is closed as {command.outcome}.")


_CARRY_OUT: dict[str, Callable[[DecisionContext, Any], Verdict]] = {
    "move_to_stage": _move_to_stage,
    "skip_play": _skip_play,
    "decide_approval": decide_approval,
    "complete_task": _complete_task,
    "answer_suggestion": suggestions.answer,
    "accept_handoff": handoffs.accept,
    "decline_handoff": handoffs.decline,
    "reassign": _reassign,
    "amend": _amend,
    "pause": pauses.pause,
    "resume": pauses.resume,
    "adopt_playbook": adoption_plans.take,
    "start_play": _start_play,
    "resolve_touch": _resolve_touch,
    "acknowledge": _acknowledge,
    "reopen": afterlife.reopen,
    "close": _close,
}
