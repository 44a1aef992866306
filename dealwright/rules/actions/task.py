"""``task``: a person is asked to do something, by a time in their own calendar or reckoned from a date."""

from __future__ import annotations

from typing import TypeVar

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.consent import contact_of
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.rules import channels, replies
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.step_outcomes import plan_again, skip
from dealwright.rules.task_times import due_at
from dealwright.rules.tasks import detail_of, open_task

Work = TypeVar("Work", bound=WorkStep)


def carry_out(context: DecisionContext, due: DueStep[Work]) -> bool:
    """Ask whoever holds the step's role."""
    run, step = due.run, due.step
    role = step.owner or context.stage.owner
    contact = channels.whom(context, step, run.contact) if step.channel else step.contact(context.state, run.contact)
    if isinstance(contact, str):
        skip(context, run, due.index, contact, step)
        return True
    if step.channel and (put_off := channels.not_before(context, step.channel, contact)) is not None:
        plan_again(context, run, due.index, put_off.at, put_off.why)
        return False
    until = context.by_then(role, step.wait) if isinstance(step.wait, Span) else None
    opened = e.TaskOpened(
        at=context.now, task=context.id_of_step(run, due.index), title=step.asked,
        name=step.subject, role=role, due_at=due_at(context, step, role, run), escalate=step.escalate,
        required=step.required, run=run.key, step=due.index, gates_next=step.wait is not False, gates_until=until,
        dated=isinstance(step.due, Dated), asks=step.asks, contact=run.contact,
        outcomes=step.outcomes, fills={name: path.text for name, path in step.fills.items()},
        channel=step.channel, reaches=contact.id if contact else None, reply=replies.to_read(context, run),
    )  # fmt: skip
    detail = detail_of(step, contact or contact_of(context.state, run.contact))
    caps, held_back = channels.caps_for(context, step.channel, contact), run.planned[due.index].held_back
    open_task(context, opened, detail, caps, again=held_back)
    return True
