"""Absence: whoever is away gets their messages when they are back; everybody else gets theirs."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from dealwright import consent, text_consent
from dealwright import entries as e
from dealwright.calendar.business_calendar import Calendar
from dealwright.deal import Contact
from dealwright.effects import Effect, Outcome, SendEmail
from dealwright.facts import ReplyReceived
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Pending
from dealwright.values.addresses import normal, same

_SOONER = "it need not wait for somebody's return any more"


def hear_of_it(context: DecisionContext, taken: e.FactTaken) -> None:
    """Take in that somebody is out of office, until the day they return begins where they are.

    Without a day they are away for as long as the playbook says, unless a day is known that is still to come. Also a
    day that is past is kept: an older notice that is told later counts no more.
    """
    contact = consent.contact_of(context.state, taken.contact)
    if taken.fact != ReplyReceived.name or taken.variant != "out_of_office" or not (contact or taken.addresses):
        return
    if (until := _until(context, taken, contact)) is None:
        return
    whom = contact.id if contact else None
    known = context.state.away.get(whom) if whom else None
    if known is not None and known.told_at > taken.happened_at:
        return
    context.note(
        e.TouchesHeld(
            at=context.now, until=until, why="away", contact=whom, told_at=taken.happened_at, addresses=taken.addresses
        )
    )


def take_back(context: DecisionContext, taken: e.FactTaken) -> None:
    """Nobody is away by a reply that was taken back; what another deal was told stays."""
    if ReplyReceived.name not in {taken.retracts, taken.takes_back_older}:
        return
    for whom, absence in list(context.state.away.items()):
        if absence.another_deal or absence.told_at > taken.happened_at or absence.until <= taken.happened_at:
            continue
        contact = consent.contact_of(context.state, whom)
        addresses = (normal(contact.email),) if contact is not None and contact.email else ()
        context.note(
            e.TouchesHeld(
                at=context.now, until=min(taken.happened_at, context.now), why="it was taken back", contact=whom,
                told_at=absence.told_at, addresses=addresses,
            )
        )  # fmt: skip


def _until(context: DecisionContext, reply: e.FactTaken, contact: Contact | None) -> datetime | None:
    """Until when somebody is away by a reply; None where it says nothing new."""
    calendar, at = context.calendar_for(contact), reply.happened_at
    if reply.returns_on is None:
        is_known = contact is not None and consent.away_until(context.state, contact, at) is not None
        return None if is_known else calendar.add(at, context.playbook.absence)
    zone = ZoneInfo(calendar.timezone)
    begins = datetime.combine(reply.returns_on, time(), zone)
    return begins.astimezone(UTC).astimezone(zone)  # where the clocks skip midnight, the day begins after it


def hear_elsewhere(context: DecisionContext, outcome: Outcome, effect: Effect | None) -> tuple[Outcome, str | None]:
    """Take in that the store put a message off, since another deal was told that its addressee is away.

    Returns the outcome and whose return the message waits for. What this deal knows better, since it was told later,
    reaches the store with the next attempt: then there is no time to wait for.
    """
    if outcome.away_since is None or outcome.until is None or not isinstance(effect, SendEmail):
        return outcome, None
    contact = consent.contact_of(context.state, effect.to.id)
    if contact is None or not same(contact.email, effect.to.email):
        return outcome, effect.to.id  # the message is for somebody else by now
    if not believe_another_deal(context, contact, outcome.away_since, outcome.until):
        return outcome.model_copy(update={"until": None}), None
    return outcome, contact.id


def believe_another_deal(context: DecisionContext, contact: Contact, told_at: datetime, until: datetime) -> bool:
    """Remember that a contact is away, as another deal was told. False where this one was told something later."""
    known, heard = context.state.away.get(contact.id), context.state.heard_from.get(contact.id)
    told_last = max((at for at in (known and known.told_at, heard) if at), default=None)
    if told_last is not None and told_last > told_at:
        return False
    if known is None or known.until != until:
        context.note(
            e.TouchesHeld(
                at=context.now, until=until, why="away, as another deal was told", contact=contact.id,
                told_at=told_at, addresses=(normal(contact.email),) if contact.email else (), another_deal=True,
            )
        )  # fmt: skip
    return True


def may_go_at(context: DecisionContext, contact: Contact, calendar: Calendar | None = None) -> datetime:
    """When a message to a contact may go at the earliest: in their hours, and not while they are away.

    ``calendar`` has their hours for such messages, where those are not the hours of business.
    """
    back = consent.away_until(context.state, contact, context.now) or context.now
    return (calendar or context.calendar_for(contact)).next_open(max(back, context.now))


def whose_return(context: DecisionContext, contact: Contact) -> str | None:
    """The id of a contact who is away."""
    return None if consent.away_until(context.state, contact, context.now) is None else contact.id


def end_waits(context: DecisionContext) -> bool:
    """Bring forward what waits for somebody's return longer than it has to. True when anything did.

    They are back early, or the message is for somebody else by now.
    """
    moved, runs = False, context.state.runs.values()
    held = [(run, planned) for run in runs for planned in run.planned.values() if planned.held_for is not None]
    for run, planned in held:
        step = context.playbook.step_of(run, planned.index)
        if isinstance(step, MessageStep):
            whom = step.addressee(context.state, run.contact)
        else:
            readers = step.readers(context.state, run.contact) if step else None
            whom = consent.addressee(context.state, marketing=True, only=readers)
        sooner = _sooner(context, planned.due_at, whom)
        if sooner is None:
            continue
        at, held_for = sooner
        again = planned.model_copy(update={"due_at": at, "planned_at": context.now, "held_for": held_for})
        context.note(e.StepPlanned(at=context.now, run=run.key, planned=again, why=_SOONER))
        moved = True
    for pending in [one for one in context.state.pending.values() if one.held_for and one.again_at]:
        moved = _bring_forward(context, pending) or moved
    return moved


def _bring_forward(context: DecisionContext, pending: Pending) -> bool:
    only = readers_of(context, pending)
    if pending.does == "send_sms":
        whom = text_consent.addressee(context.state, only)
    else:
        whom = consent.addressee(context.state, marketing=pending.marketing, only=only)
    sooner = _sooner(context, pending.again_at or context.now, whom)
    if sooner is None:
        return False
    at, held_for = sooner
    context.note(
        e.EffectSettled(
            at=context.now, effect=pending.effect, does=pending.does, status="deferred", label=pending.label,
            reason=_SOONER, again_at=at, again=pending.again, held_for=held_for,
        )
    )  # fmt: skip
    return True


def _sooner(context: DecisionContext, due_at: datetime, contact: Contact | str) -> tuple[datetime, str | None] | None:
    """When a message may go, if that is before the time that it waits for, and for whose return it waits still."""
    if isinstance(contact, str):
        return (context.now, None) if context.now < due_at else None
    at = may_go_at(context, contact)
    return (at, whose_return(context, contact)) if at < due_at else None


def readers_of(context: DecisionContext, pending: Pending) -> tuple[str, ...] | None:
    """The contacts whom a message that was started may go to, as things stand; None for any."""
    run, only = context.state.runs.get(pending.run or ""), context.state.runs_for(pending)
    step = context.playbook.step_of(run, pending.step) if run else None
    if step is not None:
        return step.readers(context.state, only)
    return None if only is None else (only,)
