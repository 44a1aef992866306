"""Replies: what follows from what a contact answered, beside what the playbook says.

A day to come back on is known; whom they name becomes a contact; the wrong person leaves the deal; whoever wants no
more messages has opted out. Who is away: ``absence``.
"""

from __future__ import annotations

from datetime import datetime

from pydantic_core import to_json

from dealwright import consent
from dealwright import entries as e
from dealwright.deal import Contact, Known
from dealwright.decision import Received
from dealwright.facts import Fact, Referred, ReplyReceived
from dealwright.open_work import ReplyToRead
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.state import Run
from dealwright.validation.opening import check_known
from dealwright.values.addresses import same

_ENDS_THE_WAIT = ("interested", "not_interested", "unsubscribe")
"""After such a reply nobody waits for the day to come back on, which an earlier one named."""


def learned_from(context: DecisionContext, reply: ReplyReceived, at: datetime) -> Known | None:
    """What a reply teaches this deal.

    Raises:
        BadDeal: whom it names cannot be a contact as they are described.
    """
    says: dict[str, object] = {}
    if reply.sentiment == "not_now":
        if not _was_overtaken(context, at):
            says = {"back_on": reply.back_on, "cleared": reply.no_longer("back_on")}
    elif reply.sentiment in _ENDS_THE_WAIT and context.deal.back_on is not None:
        says = {"cleared": ("back_on",)}
    if reply.refers_to is not None:
        author = consent.contact_of(context.state, _author(context, reply, at).contact)
        known = _known(context, reply.refers_to)
        named = reply.refers_to.as_contact(known)
        if known is None and author is not None:
            named = named.model_copy(update={"referred_by": author.name})
        says["contacts"] = (named,)
    if not any(says.values()):
        return None
    said = Known.model_validate(says)
    check_known(said)
    return said


def with_people(context: DecisionContext, fact: Fact, taken: e.FactTaken) -> e.FactTaken:
    """A reply with whom it names, and who leaves the deal by it."""
    if not isinstance(fact, ReplyReceived):
        return taken
    if taken.no_news is not None:
        return taken
    changes: dict[str, object] = {"stands_for": _stands_for(context, fact)}
    if fact.refers_to is not None:
        changes["refers_to"] = fact.refers_to.as_contact(_known(context, fact.refers_to)).id
    return with_who_leaves(context, taken.model_copy(update=changes))


def with_who_leaves(context: DecisionContext, taken: e.FactTaken) -> e.FactTaken:
    """A reply with who leaves the deal by it: the wrong person, if they are one of its contacts."""
    leaves = taken.contact or ""
    if taken.fact != ReplyReceived.name or taken.variant != "wrong_person" or taken.refers_to == leaves:
        return taken
    if not _may_leave(context, leaves, taken):
        return taken
    context.dates_changed = True  # messages may go to somebody else now, whose clock is another one
    return taken.model_copy(update={"replaces": leaves, "taught": (*taken.taught, f"contacts.{leaves}")})


def hear_otherwise(context: DecisionContext, event: Event, taken: e.FactTaken) -> None:
    """Let plays hear an answer that the playbook has no word for as the one that it has."""
    if taken.stands_for is not None:
        own = f"{event.key}:{taken.variant}"
        heard_as = (own, event.key, *event.heard_as)
        context.events.append(event._replace(key=f"{event.key}:{taken.stands_for}", heard_as=heard_as))


def to_read(context: DecisionContext, run: Run | None) -> ReplyToRead | None:
    """The reply that a task is about: the one that started its run, or without a run the last one that nobody read."""
    unread = context.state.to_read.values()
    if run is None:
        return max(unread, key=lambda one: one.at, default=None)
    if (run.trigger or "").partition(":")[0] != ReplyReceived.name:
        return None
    theirs = [one for one in unread if one.at == run.trigger_at and run.contact in {None, one.contact}]
    return theirs[-1] if theirs else None


def told_with(fact: Fact, taken: e.FactTaken, now: datetime) -> Received | None:
    """What a reply tells of as well, of whom it is about: that they opted out. None when it tells of nothing else."""
    if taken.no_news is not None or (other := fact.tells_also()) is None:
        return None
    whom = {"at": taken.happened_at, "contact": taken.contact, "address": taken.address}
    payload = to_json(other.model_copy(update=whom), exclude_none=True).decode()
    return Received(kind="fact", name=other.name, id=other.id, at=now, payload=payload)


def _author(context: DecisionContext, reply: ReplyReceived, at: datetime) -> e.FactTaken:
    told = e.FactTaken(
        at=context.now, fact=reply.name, variant=reply.sentiment, happened_at=at, contact=reply.contact,
        address=reply.address,
    )  # fmt: skip
    return consent.resolved(context.state, told)


def _known(context: DecisionContext, named: Referred) -> Contact | None:
    """The contact who is named, by id or by address, where the deal has them."""
    contacts = context.deal.contacts or ()
    by_id = next((one for one in contacts if named.id is not None and one.id == named.id), None)
    if by_id is not None or named.id is not None:
        return by_id
    return next((one for one in contacts if same(one.email, named.email)), None)


def _may_leave(context: DecisionContext, contact: str, taken: e.FactTaken) -> bool:
    """Whether a contact is one of the deal's, and nobody has said anything newer of them."""
    known, taught = consent.contact_of(context.state, contact), context.state.taught
    if known is None:
        return False
    path, opened_at = f"contacts.{contact}", context.state.opened_at or taken.happened_at
    said = [taught.get(f"{path}.{field}", opened_at) for field, value in known if value is not None]
    return max([*said, taught.get(path, taken.happened_at)]) <= taken.happened_at


def _was_overtaken(context: DecisionContext, at: datetime) -> bool:
    """Whether something that ends the wait was told of a later time."""
    told = (context.state.happened.get(f"{ReplyReceived.name}:{sentiment}") for sentiment in _ENDS_THE_WAIT)
    return any(it is not None and it.at > at for it in told)


def _stands_for(context: DecisionContext, reply: ReplyReceived) -> str | None:
    other = reply.else_heard_as.get(reply.sentiment)
    if other is None or context.playbook.speaks_of(f"{reply.name}:{reply.sentiment}"):
        return None
    return other
