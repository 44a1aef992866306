"""``enrol``: a contact goes through a cadence that runs in another tool, as long as somebody may write to them."""

from __future__ import annotations

from dealwright import consent
from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.effects import EnrolContact
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.rules import enrolments
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.actions.email import NO_ADDRESS
from dealwright.rules.actions.message import caps_on
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import Reach, not_before
from dealwright.rules.own_fields import with_computed
from dealwright.rules.step_outcomes import plan_again, skip
from dealwright.rules.wanted import last_moment
from dealwright.values.addresses import normal


def carry_out(context: DecisionContext, due: DueStep[EnrolStep]) -> bool:
    """Enrol the contact, or skip the step when nobody may write to them. False when it was only put off.

    It is asked what is asked for a message: the first of the cadence may leave at once.
    """
    run, index, step = due.run, due.index, due.step
    contact = step.addressee(context.state, run.contact)
    if isinstance(contact, str):
        if contact == consent.NO_ADDRESS:
            context.ask_attention(NO_ADDRESS, "No contact with an address is known: messages are skipped")
        skip(context, run, index, contact, step)
        return True
    reach = Reach(context.calendar_for(contact), contact.email or "")
    if (put_off := not_before(context, run, step, contact, reach)) is not None:
        held = {"held_for": put_off.held_for, "held_while": put_off.held_while}
        plan_again(context, run, index, put_off.at, put_off.why, **held)
        return False
    role, id_ = step.owner or context.stage.owner, context.id_of_step(run, index)
    until = context.by_then(role, step.wait) if isinstance(step.wait, Span) else None
    enrolled = e.ContactEnrolled(
        at=context.now, enrolment=id_, tool=step.tool, sequence=step.sequence, contact=contact.id,
        address=normal(contact.email or ""), run=run.key, step=index, beside=step.beside,
        gates_next=step.wait is not False, gates_until=until,
    )  # fmt: skip
    effect = EnrolContact(
        id=id_, at=context.now, summary=f"Enrol in {step.enrol} ({run.play}, step {index + 1})", run=run.key,
        step=index, not_after=last_moment(context, due.play, step, context.calendar_for(contact)),
        enrolment=id_, tool=step.tool, sequence=step.sequence, to=contact, sender=context.holder(role),
        sender_role=role, deal=with_computed(context), caps=caps_on(context, contact, role, marketing=True),
        needs_decision=True,
    )  # fmt: skip
    enrolments.begin(context, enrolled, effect)
    return True
