"""Messages to contacts: sent in their hours, one at a time, made from what is known when they are started."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright import consent
from dealwright import entries as e
from dealwright.deal import Contact
from dealwright.effects import Cap, SendEmail
from dealwright.playbook.language.parts import Play, Step
from dealwright.playbook.language.team import Rate
from dealwright.rules.absence import may_go_at, whose_return
from dealwright.rules.decision_context import BETWEEN_MESSAGES, DecisionContext
from dealwright.rules.wanted import last_moment, reason_against
from dealwright.state import Pending, Run
from dealwright.values.addresses import normal

NO_ADDRESS = "no-address"
"""The point of attention of a deal that nobody can be written to in."""


def send(context: DecisionContext, run: Run, play: Play, index: int) -> bool:
    """Send a message, or skip it. False when it was only put off."""
    step = play.actions[index]
    contact = addressee(context, step)
    if isinstance(contact, str):
        skip(context, run, index, contact, step)
        return True
    if (put_off := _not_before(context, run, step, contact)) is not None:
        plan_again(context, run, index, put_off.at, put_off.why, held_for=put_off.held_for)
        return False
    context.start(_letter(context, run, play, index, contact))
    return True


def send_again(context: DecisionContext, pending: Pending) -> None:
    """Take up a message that nothing was handed over of: as it is now, if it is still wanted; or put it off."""
    run = context.state.runs.get(pending.run or "")
    play = context.playbook.play(run.play) if run else None
    if run is None or play is None or pending.step is None or pending.step >= len(play.actions):
        settle_unwanted(context, pending, "nothing was handed over, and it is no longer wanted")
        return
    step, contact = play.actions[pending.step], addressee(context, play.actions[pending.step])
    why = reason_against(context, run, play, pending.step, waited=True) or (
        contact if isinstance(contact, str) else None
    )
    if why is not None or isinstance(contact, str):
        settle_unwanted(context, pending, why or "nobody may get it")
        context.happen("step_skipped", step.subject)
        return
    put_off = _not_before(context, run, step, contact, besides=pending.effect)
    if put_off is None:
        letter = _letter(context, run, play, pending.step, contact)
        context.start(letter.model_copy(update={"id": pending.effect}), again=True)
        return
    context.note(
        e.EffectSettled(
            at=context.now, effect=pending.effect, does=pending.does, status="deferred", label=pending.label,
            reason=put_off.why, again_at=put_off.at, held_for=put_off.held_for,
        )
    )  # fmt: skip


def addressee(context: DecisionContext, step: Step) -> Contact | str:
    """To whom a step's message goes, or why to nobody; a deal in which nobody can be written to asks for attention."""
    contact = consent.addressee(context.state, marketing=step.marketing)
    if contact == consent.NO_ADDRESS:
        context.ask_attention(NO_ADDRESS, "No contact with an address is known: messages are skipped")
    elif isinstance(contact, Contact):
        context.settle_attention(NO_ADDRESS, "a contact with an address is known")
    return contact


def skip(context: DecisionContext, run: Run, index: int, why: str, step: Step | None = None) -> None:
    """Leave a step out. Skipped is not done: plays may hear of it."""
    context.note(e.StepSkipped(at=context.now, run=run.key, index=index, label=run.planned[index].label, why=why))
    if step is not None:
        context.happen("step_skipped", step.subject)


def plan_again(
    context: DecisionContext, run: Run, index: int, at: datetime, why: str, **held: int | str | None
) -> None:
    """Put a step off; ``held`` says what holds it: a visit's gate, or a contact who is away."""
    again: dict[str, object] = {"due_at": at, "planned_at": context.now, "held_in": None, "held_for": None, **held}
    planned = run.planned[index].model_copy(update=again)
    context.note(e.StepPlanned(at=context.now, run=run.key, planned=planned, why=why))


def settle_unwanted(context: DecisionContext, pending: Pending, why: str) -> None:
    """What was not handed over, and is not wanted any more, is not tried again."""
    context.note(pending.called_off(context.now, why))
    context.settle_attention(f"effect:{pending.effect}", "no longer wanted")


class PutOff(NamedTuple):
    """When a message can leave at the earliest, and why not now."""

    at: datetime
    why: str
    held_for: str | None = None
    """The contact who is away."""


def _not_before(
    context: DecisionContext, run: Run, step: Step, contact: Contact, *, besides: str = ""
) -> PutOff | None:
    """What keeps a message from leaving now; None for nothing."""
    opens, away = may_go_at(context, contact), whose_return(context, contact)
    if opens > context.now:
        return PutOff(opens, f"{away} is away" if away else "outside the contact's hours", away)
    if step.at is not None and (times := context.time_of(step.at)) is not None and times[1] > context.now:
        return PutOff(context.calendar_for(contact).next_open(times[1]), "its date moved")
    if not step.marketing:
        return None
    calendar = context.calendar_for(contact)
    if context.sends_now(besides=besides) or _is_held_up(context, run, besides):
        return PutOff(calendar.add(context.now, BETWEEN_MESSAGES), "another message goes out now")
    others = [at for key, at in context.state.marketing_at.items() if _is_anothers(key, run, contact)]
    free_at = calendar.add(max(others), BETWEEN_MESSAGES) if others else context.now
    return PutOff(free_at, "another play wrote to them within a day") if free_at > context.now else None


def _is_anothers(key: str, run: Run, contact: Contact) -> bool:
    """Whether a message that was started is one of another play to the same person."""
    other, _, address = key.partition(" ")
    return other != run.play and address == normal(contact.email or "")


def _is_held_up(context: DecisionContext, run: Run, besides: str) -> bool:
    """Whether an earlier message of the same run is still to leave."""
    return any(
        one.run == run.key and one.marketing and one.again_at is not None and not besides
        for one in context.state.pending.values()
    )


def _letter(context: DecisionContext, run: Run, play: Play, index: int, contact: Contact) -> SendEmail:
    step = play.actions[index]
    role = context.stage.owner if step.owner is None else step.owner
    earlier = context.state.written_to(contact.email) if step.reply else None
    return SendEmail(
        id=context.id_of_step(run, index), at=context.now, run=run.key,
        summary=f"Send {step.email} ({run.play}, step {index + 1})",
        step=index, not_after=last_moment(context, play, step, context.calendar_for(contact)), template=step.subject,
        bundle=context.state.bundle or "", to=contact, sender=context.holder(role), sender_role=role, deal=context.deal,
        marketing=step.marketing, caps=_caps(context, contact, role, marketing=step.marketing),
        reply_to_effect=earlier.sent if earlier else None,
        reply_to_message_id=earlier.message_id if earlier else None,
        needs_decision="email_sent" in context.playbook.heard(context.stage.name),
    )  # fmt: skip


def _caps(context: DecisionContext, contact: Contact, role: str, *, marketing: bool) -> tuple[Cap, ...]:
    limits, who = context.playbook.limits, context.holder(role)
    rep = (normal(who.email) if who.email else who.name) if who else role
    person = normal(contact.email) if contact.email else contact.id
    counted = (("contact", person, limits.touches_per_contact), ("rep", rep, limits.sends_per_rep))
    return tuple(
        Cap(scope=scope, key=key, per=context.length(rate.per), most=rate.max)
        for scope, key, rate in counted
        if rate is not None and _counts(rate, marketing=marketing)
    )


def _counts(rate: Rate, *, marketing: bool) -> bool:
    return marketing or rate.service
