"""Contacts in cadences that run in another tool: begun, waited for, and ended once nobody wants them there any more."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import consent
from dealwright import entries as e
from dealwright.deal import Contact
from dealwright.effects import EnrolContact, Outcome, StopEnrolment
from dealwright.facts import EnrolmentAdvanced, EnrolmentEnded, Fact
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import plan_next
from dealwright.rules.tasks import cancel_task
from dealwright.state import Enrolment
from dealwright.values.addresses import normal

CALLED_OFF = "called_off"
_NOT_BEGUN = {"failed": "failed", "skipped": CALLED_OFF, "withdrawn": CALLED_OFF}
"""What an effect that enrolled nobody makes of the enrolment."""
_NOT_OUT = frozenset({"failed", "uncertain", "not_done", "deferred"})
"""The outcomes after which a contact who was to be taken out may be in the cadence still."""


def begin(context: DecisionContext, enrolled: e.ContactEnrolled, effect: EnrolContact) -> None:
    """Have a contact enrolled."""
    context.note(enrolled)
    context.start(effect)


def under_way(context: DecisionContext, contact: Contact, besides: str = "") -> Enrolment | None:
    """The enrolment of a contact, or of whoever shares their address, beside which nothing of ours goes to them.

    ``besides`` is the effect of the enrolment, or the message, that asks.
    """
    address = normal(contact.email) if contact.email else None
    alone = (one for one in context.state.enrolments.values() if not one.beside and one.id != besides)
    return next((one for one in alone if one.contact == contact.id or one.address == address), None)


def stop(context: DecisionContext, enrolment: Enrolment, why: str) -> None:
    """Take a contact out of a cadence. One of whom it is not known whether they are in it is taken out too."""
    unseen = context.call_off(enrolment.id, why)
    _over(context, enrolment, CALLED_OFF, why)
    if not unseen:
        _take_out(context, enrolment, why, "stopped")


def keep_up(context: DecisionContext) -> bool:
    """Take out of cadences whom nobody may write to, or not now. True when that was anybody."""
    wanted = [one for one in context.state.enrolments.values() if one.stop is None]
    unwanted = [(one, why) for one in wanted if (why := _reason_against(context, one))]
    for enrolment, why in unwanted:
        stop(context, enrolment, why)
        _go_on(context, enrolment)
    return bool(unwanted)


def go_on_without(context: DecisionContext) -> bool:
    """Let sequences go on whose wait for the end of a cadence is over. True when any did."""
    over = [one for one in _waited_for(context) if one.gates_until is not None and one.gates_until <= context.now]
    for enrolment in over:
        context.note(e.EnrolmentWaitEnded(at=context.now, enrolment=enrolment.id, run=enrolment.run))
        _go_on(context, enrolment)
    return bool(over)


def about_its_contact(context: DecisionContext, fact: Fact) -> Fact:
    """A fact about an enrolment is one about whom we enrolled, whatever the tool calls them."""
    if not isinstance(fact, EnrolmentAdvanced | EnrolmentEnded):
        return fact
    enrolment = context.state.enrolments.get(fact.enrolment)
    if enrolment is None:
        return fact
    return fact.model_copy(update={"contact": enrolment.contact, "address": enrolment.address})


def is_over(context: DecisionContext, fact: Fact) -> bool:
    """Whether a fact is about an enrolment that is over, or was none of this deal's: then it is no news."""
    return isinstance(fact, EnrolmentAdvanced | EnrolmentEnded) and fact.enrolment not in context.state.enrolments


def end_told(context: DecisionContext, fact: Fact) -> None:
    """End the enrolment of which a tool tells that it is over."""
    if isinstance(fact, EnrolmentEnded) and (enrolment := context.state.enrolments.get(fact.enrolment)):
        if enrolment.stop is not None and fact.how == "failed":
            return  # it was to be stopped before, and is not
        context.call_off(enrolment.id, "the tool tells that it is over")
        _over(context, enrolment, fact.how, None)
        if fact.how == "failed":  # somebody there may let it go on, and nobody here would know
            _take_out(context, enrolment, "the tool could not go on with it", "failed")
        _go_on(context, enrolment)


def settle(context: DecisionContext, effect: str, status: str, reason: str | None) -> None:
    """An effect that was to enrol a contact is settled: where nobody was enrolled, the enrolment is over."""
    enrolment = context.state.enrolments.get(effect)
    if enrolment is not None and (how := _NOT_BEGUN.get(status)) is not None:
        _over(context, enrolment, how, reason)
        _go_on(context, enrolment)


def hear_of_stop(context: DecisionContext, stopped: StopEnrolment, outcome: Outcome) -> None:
    """A tool took a contact out of a cadence, or did not: then they are in it still, and our marketing waits for it."""
    known = context.state.enrolments.get(stopped.enrolment)
    if outcome.status not in _NOT_OUT:
        if known is not None and known.stop is not None:
            _over(context, known, CALLED_OFF, "the tool has taken them out")
    elif known is None:
        context.note(
            e.EnrolmentKept(
                at=context.now, enrolment=stopped.enrolment, tool=stopped.tool, sequence=stopped.sequence,
                contact=stopped.contact or "", address=stopped.address, beside=stopped.beside, stop=stopped.id,
                why=outcome.reason,
            )
        )  # fmt: skip


def taken_out(context: DecisionContext, stop: str, why: str) -> None:
    """A contact whom a tool did not take out, as far as was known, is out all the same: somebody says so."""
    for enrolment in [one for one in context.state.enrolments.values() if one.stop == stop]:
        _over(context, enrolment, CALLED_OFF, why)


def let_nobody_stay(context: DecisionContext, effect: EnrolContact) -> None:
    """Take out whom an effect enrolled though it was called off: it was too late for that."""
    if effect.enrolment not in context.state.enrolments:
        _take_out(context, effect, "it was called off too late", "taken-out")


def _reason_against(context: DecisionContext, enrolment: Enrolment) -> str | None:
    """Why a contact is not to be in a cadence; None while they may be."""
    contact = consent.contact_of(context.state, enrolment.contact)
    if contact is None:
        return "they are no contact of the deal any more"
    enrolled = contact.model_copy(update={"email": enrolment.address})
    if (why := consent.forbidden(context.state, enrolled, marketing=True)) is not None:
        return why
    return "the deal is paused" if context.state.pause is not None else None


def _waited_for(context: DecisionContext) -> Iterator[Enrolment]:
    return (one for one in context.state.enrolments.values() if one.gates_next)


def _over(context: DecisionContext, enrolment: Enrolment, how: str, why: str | None) -> None:
    if enrolment.stop is not None:
        _ask_no_more(context, enrolment.stop)
    context.note(
        e.EnrolmentOver(
            at=context.now, enrolment=enrolment.id, tool=enrolment.tool, sequence=enrolment.sequence,
            contact=enrolment.contact, how=how, why=why,
        )
    )  # fmt: skip


def _ask_no_more(context: DecisionContext, stop: str) -> None:
    """Nobody has to take them out any more; whether somebody was taken out, is found out all the same."""
    pending, why = context.state.pending.get(stop), "they are out of it"
    if pending is not None and pending.uncertain:
        return
    context.call_off(stop, why)
    context.settle_attention(f"effect:{stop}", why)
    for task in [one for one in context.state.tasks.values() if one.settles == stop]:
        cancel_task(context, task, why)


def _go_on(context: DecisionContext, enrolment: Enrolment) -> None:
    """Plan what its play does next."""
    if enrolment.step is not None:
        plan_next(context, enrolment.run, enrolment.step, context.now)


def _take_out(context: DecisionContext, enrolled: Enrolment | EnrolContact, why: str, mark: str) -> None:
    head, _, occurrence = enrolled.id.rpartition("/")
    contact, beside = (
        (enrolled.contact, enrolled.beside) if isinstance(enrolled, Enrolment) else (enrolled.to.id, False)
    )
    context.start(
        StopEnrolment(
            id=f"{head}.{mark}/{occurrence}", at=context.now, enrolment=enrolled.id, tool=enrolled.tool,
            summary=f"Take somebody out of {enrolled.tool}/{enrolled.sequence}", sequence=enrolled.sequence,
            address=enrolled.address, reason=why, contact=contact, beside=beside,
        )
    )  # fmt: skip
