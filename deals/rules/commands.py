"""Carrying out commands: each gets a verdict, and each override is written down with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from deals import commands as c
from deals import entries as e
from deals.admission import BadDeal, check_known
from deals.amending import amended
from deals.deal import Known
from deals.decision import Received, Verdict
from deals.learning import Lesson
from deals.playbook.model import Playbook
from deals.playbook.parts import Play
from deals.rules import afterlife, approvals, handoffs, pauses, stages
from deals.rules.adopting import adopt
from deals.rules.desk import Desk
from deals.rules.facts import dates_moved, words_of
from deals.rules.outcomes import settle_uncertain
from deals.rules.planning import plan_next
from deals.rules.plays import Cause, start, stop
from deals.rules.tasks import cancel_task, finish_task, taught
from deals.rules.words import mind_notes, undeclared_source
from deals.state import Run, Task

Offers = Mapping[str, tuple[str, Playbook]]
"""Playbooks that a deal may adopt, by name: the bundle's hash and the playbook."""


def take_command(desk: Desk, received: Received, offers: Offers) -> None:
    """Carry out a command and give its verdict."""
    id_ = received.id or f"{received.name}-{desk.state.entries}"
    try:
        command = c.COMMANDS[received.name].model_validate_json(received.payload)
    except (KeyError, ValidationError) as error:
        text = words_of(error) if isinstance(error, ValidationError) else f"there is no command {received.name!r}"
        desk.verdicts[id_] = Verdict(accepted=False, text=text)
        return
    told = amended(desk.state, desk.deal, command.known, desk.now) if isinstance(command, c.Amend) else Lesson()
    dates = dates_moved(desk, told)
    if isinstance(command, c.AdoptPlaybook):
        verdict = _adopt(desk, command, offers)
    else:
        verdict = _CARRY_OUT[command.name](desk, command)
    desk.verdicts[id_] = verdict
    if isinstance(command, c.AdoptPlaybook) and command.preview:
        return  # it was only a question
    if not verdict.accepted:
        told, dates = Lesson(), ()
    desk.note(
        e.CommandTaken(
            at=desk.now, command=command.name, id=id_, by=command.by, accepted=verdict.accepted, text=verdict.text,
            why=vars(command).get("why"), learned=told.learned, taught=told.taught, things=told.things,
            focus=told.focus, dates=dates,
        )
    )  # fmt: skip
    desk.learned(told.learned)
    mind_notes(desk, told.learned)


def _yes(text: str) -> Verdict:
    return Verdict(accepted=True, text=text)


def _no(text: str) -> Verdict:
    return Verdict(accepted=False, text=text)


def _move_to_stage(desk: Desk, command: c.MoveToStage) -> Verdict:
    stage = desk.playbook.stage(command.stage)
    if stage is None:
        names = ", ".join(each.name for each in desk.playbook.stages)
        return _no(f"There is no stage {command.stage!r}. Stages are: {names}.")
    if stage.name == desk.state.stage:
        return _no(f"The deal is in {stage.name} already.")
    stages.leave(desk, stage, f"{command.by}: {command.why}")
    return _yes(f"The deal is now in {stage.name}.")


def _skip_play(desk: Desk, command: c.SkipPlay) -> Verdict:
    runs = [run for run in desk.state.runs.values() if run.play == command.play]
    play = desk.playbook.play(command.play)
    if not runs or play is None:
        running = ", ".join(sorted({run.play for run in desk.state.runs.values()})) or "none"
        return _no(f"No run of {command.play!r} is under way. Running plays: {running}.")
    if command.step is None:
        for run in runs:
            stop(desk, run, f"skipped by {command.by}: {command.why}", skipped=_required_ahead(desk, run, play))
        return _yes(f"{command.play} is stopped.")
    for run in runs:
        for index, planned in list(run.planned.items()):
            step = play.actions[index]
            if _is_named(play, index, command.step):
                why = f"{command.by}: {command.why}"
                skipped = e.StepSkipped(
                    at=desk.now, run=run.key, index=index, label=planned.label, why=why, required=step.required
                )
                desk.note(skipped)
                plan_next(desk, run.key, index, desk.now)
                return _yes(f"{planned.label} is left out.")
    for task in [task for task in desk.state.tasks.values() if task.run in {run.key for run in runs}]:
        if task.step is not None and _is_named(play, task.step, command.step):
            return _skip_task(desk, task, play, f"{command.by}: {command.why}")
    return _no(f"{command.play} has no step {command.step!r} ahead. Name it by its template, task or number.")


def _is_named(play: Play, index: int, name: str) -> bool:
    step = play.actions[index]
    return name in {step.name, step.subject, str(index + 1)}


def _skip_task(desk: Desk, task: Task, play: Play, why: str) -> Verdict:
    """Leave a step out whose task is open, and let its play go on."""
    run, index, label = task.run or "", task.step or 0, play.actions[task.step or 0].label
    cancel_task(desk, task, why)
    desk.note(e.StepSkipped(at=desk.now, run=run, index=index, label=label, why=why, required=task.required))
    plan_next(desk, run, index, desk.now)
    return _yes(f"{label} is left out.")


def _required_ahead(desk: Desk, run: Run, play: Play) -> tuple[str, ...]:
    """The required actions of a run that are not done: asked for, planned, or still to be planned."""
    asked = [task for task in desk.state.tasks.values() if task.run == run.key]
    steps = [*run.planned, *(task.step for task in asked if task.step is not None)]
    last = max(steps, default=len(play.actions))
    ahead = {*run.planned, *(range(last + 1, len(play.steps)))}
    return (
        *(task.title for task in asked if task.required),
        *(play.actions[index].label for index in sorted(ahead) if play.actions[index].required),
    )


def _complete_task(desk: Desk, command: c.CompleteTask) -> Verdict:
    task = next((t for t in desk.state.tasks.values() if command.task in {t.id, t.name}), None)
    if task is None and desk.state.finished:
        return _no(f"The deal was closed before ({desk.state.outcome}).")
    if task is None:
        open_tasks = ", ".join(sorted({one.name for one in desk.state.tasks.values()})) or "none"
        return _no(f"This task is not open: it was done, cancelled, or never asked for. Open are: {open_tasks}.")
    learned = taught(desk, task, command.notes)
    if learned and (problem := _problem(desk, learned)):
        return _no(problem)
    finish_task(desk, task, command.by, command.result, learned)
    mind_notes(desk, learned)
    if task.settles:
        handoffs.mended(desk, task.settles)
    if task.gates_next and task.run and task.step is not None:
        plan_next(desk, task.run, task.step, desk.now)
    return _yes(f"Done: {task.title}{'' if task.title.endswith(('.', '?', '!')) else '.'}")


def _reassign(desk: Desk, command: c.Reassign) -> Verdict:
    if stranger := desk.no_such_role((command.role,)):
        return _no(stranger)
    patch = Known(owners={command.role: command.to})
    if problem := _problem(desk, patch):
        return _no(problem)
    desk.note(e.OwnerChanged(at=desk.now, role=command.role, person=command.to, by=command.by, why=command.why))
    desk.dates_changed = True
    return _yes(f"{command.to.name} is now {command.role}.")


def _amend(desk: Desk, command: c.Amend) -> Verdict:
    parts = sorted(command.known.model_fields_set, key=list(Known.model_fields).index)
    if not parts:
        return _no("Nothing to amend: give at least one part in known.")
    if problem := _problem(desk, command.known) or desk.no_such_role(command.known.owners or ()):
        return _no(problem)
    return _yes(f"Amended: {', '.join(parts)}.")


def _problem(desk: Desk, patch: Known) -> str | None:
    try:
        check_known(patch)
    except BadDeal as error:
        return str(error)
    return undeclared_source(desk.playbook, patch) or desk.too_much(patch)


def _not_a_stage_there(desk: Desk, other: Playbook) -> str:
    shared = [stage.name for stage in desk.playbook.stages if other.stage(stage.name)]
    remedy = (
        f"move the deal first, to one that both have: {', '.join(shared)}."
        if shared
        else "no stage is in both. Close this deal, and open another one that follows it."
    )
    return f"{other.playbook} has no stage {desk.state.stage!r}: {remedy}"


def _adopt(desk: Desk, command: c.AdoptPlaybook, offers: Offers) -> Verdict:
    offer = offers.get(command.playbook)
    if offer is None:
        return _no(f"There is no playbook {command.playbook!r} in the store: publish it first.")
    bundle, playbook = offer
    if playbook.stage(desk.state.stage or "") is None:
        return _no(_not_a_stage_there(desk, playbook))
    # A preview is the adoption itself, at a desk whose decision nobody carries out: so the two cannot differ.
    at = Desk(desk.state, desk.playbook, desk.now) if command.preview else desk
    follows = f"The deal {'would follow' if command.preview else 'now follows'} {playbook.playbook} ({bundle[:12]})."
    return _yes(" ".join(filter(None, (follows, _sentence(adopt(at, playbook, bundle)), _onward(at)))))


def _sentence(text: str) -> str:
    return f"{text}." if text else ""


def _onward(desk: Desk) -> str:
    """Where the new rules lead the deal at once, if they do."""
    probe = Desk(desk.state, desk.playbook, desk.now)
    if desk.state.pause is not None or not stages.move_on(probe):
        return ""
    return f"The deal goes on to {probe.state.stage} at once."


def _start_play(desk: Desk, command: c.StartPlay) -> Verdict:
    play = desk.playbook.play(command.play)
    if play is None:
        near = get_close_matches(command.play, [each.name for _, each in desk.playbook.everything()], n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return _no(f"{desk.playbook.playbook} has no play {command.play!r}.{hint}")
    if play not in (*desk.playbook.plays, *desk.stage.plays):
        home = next(stage.name for stage, each in desk.playbook.everything() if stage and each is play)
        return _no(f"{play.name} belongs to the stage {home}, and the deal is in {desk.stage.name}: move it first.")
    if play.alone and any(run.play == play.name for run in desk.state.runs.values()):
        return _no(f"{play.name} runs already, and wants to be alone: skip_play stops it.")
    start(desk, play, Cause.wanted(desk, play, f"{command.by}: {command.why}"))
    return _yes(f"{play.name} is started.")


def _resolve_touch(desk: Desk, command: c.ResolveTouch) -> Verdict:
    status = "done" if command.sent else "skipped"
    if not settle_uncertain(desk, command.effect, status, f"{command.by}: {command.why}"):
        return _no("This touch is not uncertain (any more).")
    return _yes("Noted as sent." if command.sent else "Noted as not sent. It is not sent again.")


def _acknowledge(desk: Desk, command: c.Acknowledge) -> Verdict:
    points = list(desk.state.attention) if command.point == "all" else [command.point]
    if not points or any(point not in desk.state.attention for point in points):
        return _no(f"Nothing of that name needs attention. Points: {', '.join(desk.state.attention) or 'none'}.")
    for point in points:
        desk.settle_attention(point, f"{command.by}: {command.why}")
    return _yes("Taken off the list.")


def _close(desk: Desk, command: c.Close) -> Verdict:
    stages.end(desk, command.outcome, f"{command.by}: {command.why}")
    return _yes(f"The deal is closed as {command.outcome}.")


_CARRY_OUT: dict[str, Callable[[Desk, Any], Verdict]] = {
    "move_to_stage": _move_to_stage,
    "skip_play": _skip_play,
    "decide_approval": approvals.decide_approval,
    "complete_task": _complete_task,
    "accept_handoff": handoffs.accept,
    "decline_handoff": handoffs.decline,
    "reassign": _reassign,
    "amend": _amend,
    "pause": pauses.pause,
    "resume": pauses.resume,
    "start_play": _start_play,
    "resolve_touch": _resolve_touch,
    "acknowledge": _acknowledge,
    "reopen": afterlife.reopen,
    "close": _close,
}
