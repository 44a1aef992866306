"""``email``: a message to a contact, sent in their hours, one at a time, made from what is known when it is started."""

from __future__ import annotations

from dealwright import consent
from dealwright import entries as e
from dealwright.deal import Contact
from dealwright.effects import Cap, SendEmail
from dealwright.identity import of_run
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.team import Rate
from dealwright.rules import cool_off
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.approvals import holding
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import not_before
from dealwright.rules.own_fields import with_computed
from dealwright.rules.step_outcomes import plan_again, settle_unwanted, skip
from dealwright.rules.wanted import last_moment, reason_against
from dealwright.state import Pending, Run
from dealwright.values.addresses import normal

THE_TEAMS = "team"
"""Stands for the address that messages of people without one of their own go out from."""
NO_ADDRESS = "no-address"
"""The point of attention of a deal that nobody can be written to in, or (with their id) of a contact."""

_LONGEST_POINT = 200


def carry_out(context: DecisionContext, due: DueStep[EmailStep]) -> bool:
    """Send the message, or skip it when nobody may get it. False when it was only put off."""
    run, index, step = due.run, due.index, due.step
    contact = _addressee(context, step, run)
    if isinstance(contact, str):
        skip(context, run, index, contact, step)
        return True
    if (put_off := not_before(context, run, step, contact)) is not None:
        plan_again(context, run, index, put_off.at, put_off.why, held_for=put_off.held_for)
        return False
    context.start(_letter(context, due, contact))
    return True


def send_again(context: DecisionContext, pending: Pending) -> None:
    """Take up a message that nothing was handed over of: as it is now, if it is still wanted; or put it off."""
    run = context.state.runs.get(pending.run or "")
    play = context.playbook.play(run.play) if run else None
    index = pending.step
    step = play.actions[index] if play and index is not None and index < len(play.actions) else None
    if run is None or play is None or index is None or not isinstance(step, EmailStep):
        settle_unwanted(context, pending, "nothing was handed over, and it is no longer wanted")
        return
    contact = _addressee(context, step, run)
    why = reason_against(context, run, play, index, waited=True) or holding.refusal(context, step)
    why = why or (contact if isinstance(contact, str) else None)
    if why is not None or isinstance(contact, str):
        settle_unwanted(context, pending, why or "nobody may get it")
        context.happen("step_skipped", step.subject, contact=run.contact)
        return
    put_off = holding.put_off(context, step) or not_before(context, run, step, contact, besides=pending.effect)
    if put_off is None:
        letter = _letter(context, DueStep(run, play, index, step), contact)
        context.start(letter.model_copy(update={"id": pending.effect}), again=True)
        return
    context.note(
        e.EffectSettled(
            at=context.now, effect=pending.effect, does=pending.does, status="deferred", label=pending.label,
            reason=put_off.why, again_at=put_off.at, held_for=put_off.held_for,
        )
    )  # fmt: skip


def _addressee(context: DecisionContext, step: EmailStep, run: Run) -> Contact | str:
    """To whom a step's message goes, or why to nobody; a deal in which nobody can be written to asks for attention."""
    readers = step.readers(context.state, run.contact)
    contact = consent.addressee(context.state, marketing=step.marketing, only=readers)
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
        caps=_caps(context, contact, role, marketing=step.marketing),
        reply_to_effect=earlier.sent if earlier else None,
        reply_to_message_id=earlier.message_id if earlier else None,
        needs_decision="email_sent" in context.playbook.heard(context.stage.name),
    )  # fmt: skip


def _caps(context: DecisionContext, contact: Contact, role: str, *, marketing: bool) -> tuple[Cap, ...]:
    limits, who = context.playbook.limits, context.holder(role)
    rep = (normal(who.email) if who.email else who.name) if who else role
    person = normal(contact.email) if contact.email else contact.id
    account, mailbox = context.deal.account, normal(who.email) if who and who.email else THE_TEAMS
    counted = (
        ("contact", person, limits.touches_per_contact),
        ("account", account.id if account else "", limits.touches_per_account if account else None),
        ("rep", rep, limits.sends_per_rep),
        ("mailbox", mailbox, limits.sends_per_mailbox),
    )
    caps = tuple(
        Cap(scope=scope, key=key, per=context.length(rate.per), most=rate.max)
        for scope, key, rate in counted
        if rate is not None and _counts(rate, marketing=marketing)
    )
    return (*caps, *cool_off.caps_for(context, contact)) if marketing else caps


def _counts(rate: Rate, *, marketing: bool) -> bool:
    return marketing or rate.service
