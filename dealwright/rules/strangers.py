"""People whom facts name and the deal does not know: somebody is asked, until they are a contact.

Whatever was told of them holds for them then, as if they had been known when it was told.
"""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import consent
from dealwright import entries as e
from dealwright.deal import Contact
from dealwright.facts import FACTS, AboutPerson, CallLogged
from dealwright.rules import absence, channels, contact_runs, plays, replies, silence
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.values.addresses import normal


def ask_whom_it_means(context: DecisionContext, taken: e.FactTaken) -> None:
    """Have somebody look at a fact about a person whom the deal does not know."""
    what = taken.fact.replace("_", " ").capitalize()
    text = f"{what}: this deal knows nobody as {taken.unresolved}. Find out who it is"
    if taken.silences:
        text += "; the address gets no marketing from any deal" if taken.addresses else "; nobody was silenced by it"
    context.ask_attention(taken.point, text)


def recognise(context: DecisionContext) -> bool:
    """Let what was told of somebody unknown hold for them, once they are a contact. True when somebody is."""
    if not context.state.strangers:
        return False
    known = list(_known(context))
    for one in known:
        context.note(one)
        context.settle_attention(one.point, f"they are known by now: {one.contact}")
    for told in sorted((told for one in known for told in one.told), key=lambda told: told.happened_at):
        _follow_up(context, told)
    return bool(known)


def _known(context: DecisionContext) -> Iterator[e.PersonRecognised]:
    """Who is known by now. Of several who share an address, what was told is about the first."""
    seen = set[str]()
    for contact in context.deal.contacts or ():
        addresses = {normal(own) for own in (contact.email, contact.phone) if own}
        for point, stranger in context.state.strangers.items():
            if stranger.is_one_of(contact.id, addresses):
                yield e.PersonRecognised(
                    at=context.now, point=point, contact=contact.id, opted_out_at=stranger.opted_out_at,
                    addresses=(normal(contact.email),) if contact.email and stranger.opted_out_at else (),
                    told=() if point in seen else tuple(_about(context, told, contact) for told in stranger.told),
                )  # fmt: skip
                seen.add(point)


def _about(context: DecisionContext, told: e.FactTaken, contact: Contact) -> e.FactTaken:
    """A fact that was told of somebody unknown, as it is about the contact who they are."""
    fact = FACTS.get(told.fact)
    if fact is None or not issubclass(fact, AboutPerson):
        part = {"contact": contact.id} if told.fact == CallLogged.name else {"concerns": (contact.id,)}
        return told.model_copy(update=part)
    if fact.about_an_address and not told.addresses:  # it was about one that they had then: nobody said which
        return told.model_copy(update={"concerns": (contact.id,), "unresolved": None})
    return replies.with_who_leaves(context, consent.resolved(context.state, told))


def _follow_up(context: DecisionContext, told: e.FactTaken) -> None:
    """What follows from it at once for the contact; what followed for the deal did so when it was told."""
    silence.mind(context, told)
    if told.no_news is not None:
        return
    absence.hear_of_it(context, told)
    channels.mind(context, told)
    event = Event(told.fact, told.happened_at, told.number or 0, spares=bool(told.spares), concerns=told.concerns)
    for variant in dict.fromkeys((None, told.variant, told.stands_for)):
        heard = event if variant is None else event._replace(key=f"{told.fact}:{variant}")
        plays.end_by(context, heard)
        contact_runs.begin_late(context, heard, told.at)
        event = event._replace(heard_as=(*event.heard_as, heard.key))
