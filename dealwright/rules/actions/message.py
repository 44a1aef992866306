"""What messages have in common, whichever way they go: in their reader's hours, one at a time, made when they leave.

A way of its own (mail, text messages) says whom a step may reach, when, and what goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dealwright.deal import Contact
from dealwright.effects import Cap, SendEmail, SendSms
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.team import Rate
from dealwright.rules import cool_off, going_on
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import PutOff
from dealwright.rules.step_outcomes import plan_again, skip
from dealwright.state import Run
from dealwright.values.addresses import normal

M = TypeVar("M", bound=MessageStep)
THE_TEAMS = "team"
"""Stands for the address that messages of people without one of their own go out from."""


TWICE = "the same message goes to them now"
"""Why a message is left out that another run sends at the same moment."""


@dataclass(frozen=True, slots=True)
class Way(Generic[M]):
    """One way in which messages go."""

    addressee: Callable[[DecisionContext, M, Run], Contact | str]
    """To whom a step's message goes, or why to nobody; who cannot be written to is a point of attention."""
    put_off: Callable[[DecisionContext, Run, M, Contact, str], PutOff | None]
    """What keeps it from leaving now, beside the message with this id; None for nothing."""
    message: Callable[[DecisionContext, DueStep[M], Contact], SendEmail | SendSms]
    """The message, of what is known now."""


def carry_out(way: Way[M], context: DecisionContext, due: DueStep[M]) -> bool:
    """Send the message, or skip it when nobody may get it. False when it was only put off."""
    run, index, step = due.run, due.index, due.step
    contact = way.addressee(context, step, run)
    if isinstance(contact, str):
        skip(context, run, index, contact, step)
        return True
    if going_on.was_said(context, step, contact, run.trigger, run.contact):
        skip(context, run, index, going_on.SAID, step)
        return True
    if (put_off := way.put_off(context, run, step, contact, "")) is not None:
        plan_again(
            context, run, index, put_off.at, put_off.why, held_for=put_off.held_for, held_while=put_off.held_while
        )
        return False
    message = way.message(context, due, contact)
    if goes_out_now(context, message):
        skip(context, run, index, TWICE, step)
    else:
        context.start(message)
    return True


def goes_out_now(context: DecisionContext, message: SendEmail | SendSms) -> bool:
    """Whether the same message goes to the same person at this moment anyway, by another run about the same thing."""
    told = (message.kind, message.template, message.address, _about(context, message.run))
    return any(
        (one.does, one.template, one.address, _about(context, one.run)) == told
        for one in context.state.pending.values()
        if one.effect != message.id and one.started_at == context.now and one.again_at is None
    )


def _about(context: DecisionContext, run: str | None) -> str | None:
    known = context.state.runs.get(run or "")
    return known.about if known else None


def caps_on(
    context: DecisionContext, contact: Contact, role: str, *, marketing: bool, from_mailbox: bool = True
) -> tuple[Cap, ...]:
    """What of the playbook's limits a message keeps to, over all deals."""
    limits, who = context.playbook.limits, context.holder(role)
    rep = (normal(who.email) if who.email else who.name) if who else role
    person = normal(contact.email) if contact.email else contact.id
    account, mailbox = context.deal.account, normal(who.email) if who and who.email else THE_TEAMS
    counted = (
        ("contact", person, limits.touches_per_contact),
        ("account", account.id if account else "", limits.touches_per_account if account else None),
        ("rep", rep, limits.sends_per_rep),
        ("mailbox", mailbox, limits.sends_per_mailbox if from_mailbox else None),
    )
    caps = tuple(
        Cap(scope=scope, key=key, per=context.length(rate.per), most=rate.max)
        for scope, key, rate in counted
        if rate is not None and _counts(rate, marketing=marketing)
    )
    return (*caps, *cool_off.caps_for(context, contact)) if marketing else caps


def _counts(rate: Rate, *, marketing: bool) -> bool:
    return marketing or rate.service
