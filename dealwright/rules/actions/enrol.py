"""``enrol``: a contact goes through a cadence that runs in another tool, as long as somebody may write to them."""

from __future__ import annotations

from dealwright import consent
from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.deal import Contact
from dealwright.effects import EnrolContact
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.rules import enrolments
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.actions.email import NO_ADDRESS
from dealwright.rules.actions.message import caps_on
from dealwright.rules.approvals import holding
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import Reach, not_before
from dealwright.rules.own_fields import with_computed
from dealwright.rules.step_outcomes import plan_again, settle_unwanted, skip
from dealwright.rules.wanted import last_moment, reason_against
from dealwright.state import Pending
from dealwright.values.addresses import normal

_UNWANTED = "nothing was handed over, and it is no longer wanted"


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
    if (put_off := not_before(context, run, step, contact, _reach(context, contact))) is not None:
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
    enrolments.begin(context, enrolled, _effect(context, due, contact, id_))
    return True


def try_again(context: DecisionContext, pending: Pending, effect: EnrolContact) -> None:
    """Enrol whom nothing was handed over of, as they are known now: if they may be written to now, else later."""
    run, contact = context.state.runs.get(pending.run or ""), consent.contact_of(context.state, effect.to.id)
    play, step = (context.playbook.play(run.play), context.playbook.step_of(run, pending.step)) if run else (None, None)
    if run is None or play is None or contact is None or pending.step is None or not isinstance(step, EnrolStep):
        _give_up(context, pending, _UNWANTED)
        return
    due, to = DueStep(run, play, pending.step, step), contact.model_copy(update={"email": effect.to.email})
    why = reason_against(context, run, play, due.index, waited=True) or holding.refusal(context, step)
    if why is not None:
        _give_up(context, pending, why)
        context.happen("step_skipped", step.subject, contact=run.contact)
        return
    put_off = holding.put_off(context, step) or not_before(context, run, step, to, _reach(context, to), effect.id)
    if put_off is None:
        context.start(_effect(context, due, to, effect.id), again=True)
        return
    context.note(
        e.EffectSettled(
            at=context.now, effect=effect.id, does=pending.does, status="deferred", label=pending.label,
            reason=put_off.why, again_at=put_off.at, again=effect, held_for=put_off.held_for,
        )
    )  # fmt: skip


def _give_up(context: DecisionContext, pending: Pending, why: str) -> None:
    settle_unwanted(context, pending, why)
    enrolments.settle(context, pending.effect, "withdrawn", why)


def _reach(context: DecisionContext, contact: Contact) -> Reach:
    return Reach(context.calendar_for(contact), contact.email or "")


def _effect(context: DecisionContext, due: DueStep[EnrolStep], contact: Contact, id_: str) -> EnrolContact:
    run, step = due.run, due.step
    role = step.owner or context.stage.owner
    return EnrolContact(
        id=id_, at=context.now, summary=f"Enrol in {step.enrol} ({run.play}, step {due.index + 1})", run=run.key,
        step=due.index, not_after=last_moment(context, due.play, step, context.calendar_for(contact)),
        enrolment=id_, tool=step.tool, sequence=step.sequence, to=contact, sender=context.holder(role),
        sender_role=role, deal=with_computed(context), caps=caps_on(context, contact, role, marketing=True),
        needs_decision=True,
    )  # fmt: skip
