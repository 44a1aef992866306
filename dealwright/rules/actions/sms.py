"""``sms`` by the machine: a text message to a contact who agreed to get some, in the hours of the channel."""

from __future__ import annotations

from dealwright import text_consent
from dealwright.calendar.business_calendar import Calendar
from dealwright.deal import Contact
from dealwright.effects import SendSms
from dealwright.identity import of_run
from dealwright.playbook.language.steps.sms import SmsByMachine
from dealwright.rules import channels, reaching
from dealwright.rules.actions import message
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import PutOff, Reach, not_before
from dealwright.rules.own_fields import with_computed
from dealwright.rules.wanted import last_moment
from dealwright.state import Run
from dealwright.values.phone_numbers import e164

NO_NUMBER = "no-number"
"""The point of attention of a deal in which no contact has a number that text messages can go to."""
_CHANNEL = "sms"


def carry_out(context: DecisionContext, due: DueStep[SmsByMachine]) -> bool:
    """Send the message, or skip it when nobody may get it. False when it was only put off."""
    return message.carry_out(TEXT, context, due)


def _addressee(context: DecisionContext, step: SmsByMachine, run: Run) -> Contact | str:
    contact = step.addressee(context.state, run.contact)
    if contact == text_consent.NO_NUMBER:
        context.ask_attention(NO_NUMBER, "No phone number in international form is known: text messages are skipped")
    elif isinstance(contact, Contact):
        context.settle_attention(NO_NUMBER, "a number is known")
    return contact


def _put_off(context: DecisionContext, run: Run, step: SmsByMachine, contact: Contact, besides: str) -> PutOff | None:
    calendar = _hours(context, contact)
    waits = not_before(context, run, step, contact, Reach(calendar, e164(contact.phone) or ""), besides)
    limit = channels.rule_of(context, _CHANNEL).limit
    if waits is not None or limit is None:
        return waits
    free_at = channels.free_at(context, limit, _CHANNEL, contact, besides)
    if free_at is None:
        return None
    return PutOff(calendar.next_open(free_at), f"the limit of the channel {_CHANNEL} is reached")


def _hours(context: DecisionContext, contact: Contact) -> Calendar:
    """When text messages may come, on the contact's clock: the channel's hours, else those of business."""
    calendar, hours = context.calendar_for(contact), channels.rule_of(context, _CHANNEL).hours
    return calendar if hours is None else calendar.model_copy(update={"hours": hours})


def _text(context: DecisionContext, due: DueStep[SmsByMachine], contact: Contact) -> SendSms:
    run, step, number = due.run, due.step, e164(contact.phone) or ""
    role = context.stage.owner if step.owner is None else step.owner
    return SendSms(
        id=context.id_of_step(run, due.index), at=context.now, run=run.key,
        summary=f"Text {step.sms} ({of_run(run.play, run.contact)}, step {due.index + 1})",
        step=due.index, not_after=last_moment(context, due.play, step, _hours(context, contact)),
        template=step.sms, bundle=context.state.bundle or "", to=contact,
        deal=with_computed(context), sender=context.holder(role), sender_role=role,
        caps=(
            *message.caps_on(context, contact, role, marketing=True, from_mailbox=False),
            *channels.caps_for(context, _CHANNEL, contact),
        ),
        first=number not in context.state.written, allowed_at=reaching.allowed_at(context, _CHANNEL, contact.id),
        needs_decision="sms_sent" in context.playbook.heard(context.stage.name),
    )  # fmt: skip


TEXT = message.Way(addressee=_addressee, put_off=_put_off, message=_text)
"""How messages go as text messages."""
