"""Steps: what is done when one is due, each kind of action in its own function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from deals import consent
from deals import entries as e
from deals.addresses import normal
from deals.deal import Contact
from deals.durations import Span
from deals.effects import Cap, SendEmail
from deals.playbook.conditions import opposite
from deals.playbook.parts import Dated, Play, Step
from deals.rules import approvals, handoffs, stages
from deals.rules.absence import may_go_at, whose_return
from deals.rules.desk import BETWEEN_MESSAGES, Desk
from deals.rules.plays import UNTIL_ANOTHER_LOOK, plan_next
from deals.rules.tasks import detail_of, open_task
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
        _skip(desk, run, index, _NO_PLAY)
        return True
    _do(desk, run, play, index)
    return True


def _do(desk: Desk, run: Run, play: Play, index: int) -> None:
    step = play.actions[index]
    if step.if_ is not None and not step.if_.test(desk.state, run.since):
        _skip(desk, run, index, opposite(step.if_).words())
    elif (why := _too_late(desk, run, step, index)) is not None:
        _skip(desk, run, index, why)
    elif step.at is not None and desk.time_of(step.at) is None:
        _plan_again(desk, run, index, desk.by_then(desk.stage.owner, UNTIL_ANOTHER_LOOK), "its date is not known yet")
        return
    elif not _may_go_on(desk, run, step, index):
        return
    elif step.email is None:
        _ACTIONS[step.action](desk, run, step, index)
    plan_next(desk, run.key, index, desk.now)


def _skip(desk: Desk, run: Run, index: int, why: str) -> None:
    desk.note(e.StepSkipped(at=desk.now, run=run.key, index=index, label=run.planned[index].label, why=why))


def _plan_again(desk: Desk, run: Run, index: int, at: datetime, why: str, **held: int | str | None) -> None:
    again: dict[str, object] = {"due_at": at, "planned_at": desk.now, "held_in": None, "held_for": None, **held}
    planned = run.planned[index].model_copy(update=again)
    desk.note(e.StepPlanned(at=desk.now, run=run.key, planned=planned, why=why))


def _too_late(desk: Desk, run: Run, step: Step, index: int) -> str | None:
    """A dated message is not sent late; what else is dated is done as long as its date is ahead."""
    if step.at is None or (times := desk.time_of(step.at)) is None:
        return None
    if step.email and run.planned[index].late:
        return "too late"
    return "too late" if step.at.before and times[0] <= desk.now else None


def _may_go_on(desk: Desk, run: Run, step: Step, index: int) -> bool:
    """Send the step's message, if it has one. False when the step was only put off."""
    if step.enter is not None:
        return not _is_held(desk, run, index)
    return step.email is None or _send(desk, run, step, index)


def _is_held(desk: Desk, run: Run, index: int) -> bool:
    """Whether the stage's hard gate keeps the deal from entering another one; it waits until the gate is open."""
    planned = run.planned[index]
    if planned.held_in is not None and planned.held_in != desk.state.visit:
        _skip(desk, run, index, "the stage that held it was left meanwhile")
        plan_next(desk, run.key, index, desk.now)
        return True
    if stages.is_let_out(desk, run.trigger):
        return False
    if planned.held_in is None or planned.due_at <= desk.now:
        stages.note_held(desk)
        look = desk.by_then(desk.stage.owner, UNTIL_ANOTHER_LOOK)
        _plan_again(desk, run, index, look, "the stage's gate holds it", held_in=desk.state.visit)
    return True


def _send(desk: Desk, run: Run, step: Step, index: int) -> bool:
    """Send a message, or skip it. False when it was only put off."""
    contact = consent.addressee(desk.state, marketing=step.marketing)
    if isinstance(contact, str):
        _skip(desk, run, index, contact)
        return True
    calendar, opens, away = desk.calendar_for(contact), may_go_at(desk, contact), whose_return(desk, contact)
    if opens > desk.now:
        why = f"{away} is away" if away else "outside the contact's hours"
        _plan_again(desk, run, index, opens, why, held_for=away)
        return False
    if step.marketing and _would_be_a_burst(desk, run):
        _plan_again(desk, run, index, calendar.add(desk.now, BETWEEN_MESSAGES), "another message goes out now")
        return False
    role = desk.stage.owner if step.owner is None else step.owner
    earlier = desk.state.written_to(contact.email) if step.reply else None
    desk.start(
        SendEmail(
            id=desk.id_of_step(run, index), at=desk.now, run=run.key,
            summary=f"Send {step.email} ({run.play}, step {index + 1})",
            step=index, not_after=calendar.closes(desk.now), template=step.subject,
            bundle=desk.state.bundle or "", to=contact, sender=desk.holder(role), sender_role=role, deal=desk.deal,
            marketing=step.marketing, caps=_caps(desk, contact, role),
            reply_to_effect=earlier.sent if earlier else None,
            reply_to_message_id=earlier.message_id if earlier else None,
            needs_decision="email_sent" in desk.playbook.heard(desk.stage.name),
        )
    )  # fmt: skip
    return True


def _would_be_a_burst(desk: Desk, run: Run) -> bool:
    """Whether another message of the same play goes out at this moment, or an earlier one is still held up."""
    return desk.sends_now(run.key) or any(
        pending.run == run.key and pending.marketing and pending.again_at for pending in desk.state.pending.values()
    )


def _caps(desk: Desk, contact: Contact, role: str) -> tuple[Cap, ...]:
    limits, caps = desk.playbook.limits, []
    who = desk.holder(role)
    if (rate := limits.touches_per_contact) is not None:
        key = normal(contact.email) if contact.email else contact.id
        caps.append(Cap(scope="contact", key=key, per=desk.length(rate.per), most=rate.max))
    if (rate := limits.sends_per_rep) is not None:
        key = (normal(who.email) if who.email else who.name) if who else role
        caps.append(Cap(scope="rep", key=key, per=desk.length(rate.per), most=rate.max))
    return tuple(caps)


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
        _skip(desk, run, index, _NO_PLAY)
        return
    handoffs.begin(desk, rule, desk.id_of_step(run, index), run=run.key, step=index)
    _put_behind(desk, run, index)


def _approve(desk: Desk, run: Run, step: Step, index: int) -> None:
    rule = desk.playbook.approval(step.subject)
    if rule is None:
        _skip(desk, run, index, _NO_PLAY)
        return
    approvals.request(desk, rule, desk.id_of_step(run, index), run=run.key, step=index)
    _put_behind(desk, run, index)


def _enter(desk: Desk, run: Run, step: Step, index: int) -> None:
    stage = desk.playbook.stage(step.subject)
    if stage is None:
        _skip(desk, run, index, _NO_PLAY)
    else:
        _put_behind(desk, run, index)
        stages.leave(desk, stage, step.reason or f"{run.play} says so")


def _close(desk: Desk, run: Run, step: Step, index: int) -> None:
    _put_behind(desk, run, index)
    stages.end(desk, step.subject, step.reason or f"{run.play} ended without success")


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
