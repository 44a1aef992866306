"""``email``: a message to a contact, sent in their hours, one at a time, made from what is known when it is started."""

from __future__ import annotations

from dealwright import consent
from dealwright.deal import Contact
from dealwright.effects import SendEmail
from dealwright.identity import of_run
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.rules.actions import message
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import PutOff, Reach, not_before
from dealwright.rules.own_fields import with_computed
from dealwright.rules.wanted import last_moment
from dealwright.state import Run

NO_ADDRESS = "no-address"
"""The point of attention of a deal that nobody can be written to in, or (with their id) of a contact."""

_LONGEST_POINT = 200


def carry_out(context: DecisionContext, due: DueStep[EmailStep]) -> bool:
    """Send the message, or skip it when nobody may get it. False when it was only put off."""
    return message.carry_out(MAIL, context, due)


def _addressee(context: DecisionContext, step: EmailStep, run: Run) -> Contact | str:
    """To whom a step's message goes, or why to nobody; a deal in which nobody can be written to asks for attention."""
    contact = step.addressee(context.state, run.contact)
    if contact == consent.NO_ADDRESS and run.contact is None and step.to is not None:
        who = step.to.replace("_", " ")
        text = f"No {who} with an address is known: messages to them are skipped"
        context.ask_attention(f"{NO_ADDRESS}-in:{step.to}", text)
        return f"no {who} with an address is known"
    if contact == consent.NO_ADDRESS and run.contact is not None:
        text = f"{run.contact} has no address: messages to them are skipped"
        context.ask_attention(no_address_of(run.contact), text)
        return "no address of theirs is known"
    if contact == consent.NO_ADDRESS:
        context.ask_attention(NO_ADDRESS, "No contact with an address is known: messages are skipped")
    elif isinstance(contact, Contact):
        context.settle_attention(NO_ADDRESS, "a contact with an address is known")
    return contact


def no_address_of(contact: str) -> str:
    """The point of attention of a contact whose own messages are skipped, since they have no address."""
    return f"{NO_ADDRESS}:{contact}"[:_LONGEST_POINT]


def _letter(context: DecisionContext, due: DueStep[EmailStep], contact: Contact) -> SendEmail:
    run, step = due.run, due.step
    role = context.stage.owner if step.owner is None else step.owner
    earlier = context.state.written_to(contact.email) if step.reply else None
    return SendEmail(
        id=context.id_of_step(run, due.index), at=context.now, run=run.key,
        summary=f"Send {step.email} ({of_run(run.play, run.contact)}, step {due.index + 1})",
        step=due.index, not_after=last_moment(context, due.play, step, context.calendar_for(contact)),
        template=step.email, bundle=context.state.bundle or "", to=contact,
        deal=with_computed(context),
        sender=context.holder(role), sender_role=role, marketing=step.marketing,
        caps=message.caps_on(context, contact, role, marketing=step.marketing),
        reply_to_effect=earlier.sent if earlier else None,
        reply_to_message_id=earlier.message_id if earlier else None,
        needs_decision="email_sent" in context.playbook.heard(context.stage.name),
    )  # fmt: skip


def _put_off(context: DecisionContext, run: Run, step: EmailStep, contact: Contact, besides: str) -> PutOff | None:
    reach = Reach(context.calendar_for(contact), contact.email or "")
    return not_before(context, run, step, contact, reach, besides)


MAIL = message.Way(addressee=_addressee, put_off=_put_off, message=_letter)
"""How messages go by mail."""
