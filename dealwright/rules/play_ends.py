"""What ends a play: whether it has happened since, and to whom its messages go or to what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright import consent
from dealwright.contacts import in_roles, seen_with
from dealwright.facts import FACTS, AboutPerson, AboutThing, SmsUndelivered, Turn
from dealwright.facts.billing import AboutInvoice
from dealwright.playbook.language.plays import Play
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import DealState, Happened


def is_over(
    context: DecisionContext,
    play: Play,
    since: tuple[datetime, int] | None,
    about: str | None,
    contact: str | None = None,
) -> bool:
    """Whether something that would stop a play happened since that which starts it; None: since ever."""
    known = (it for key in play.until for it in _all_that_stop(context, play, key, about, contact))
    return any(since is None or (it.at, it.number) > since for it in known)


def last_that_ends(state: DealState, play: Play, key: str, contact: str | None) -> Happened | None:
    """The last fact or event of a key that ends a run: one about a person, if it was about whom it writes to."""
    if contact is None:
        own = (state.happened_with.get(each, {}).get(key) for each in in_roles_of(state, play))
        all_ = consent.last_that_ends(state, key) if writes_to_anybody(play) or not _that_silences(key) else None
        return max((it for it in (*own, all_) if it is not None), key=lambda it: (it.at, it.number), default=None)
    seen = state if play.stops.counts_from(key) == "anyone" else seen_with(state, contact)
    return seen.happened.get(key)


def _all_that_stop(
    context: DecisionContext, play: Play, key: str, about: str | None, contact: str | None
) -> Iterator[Happened]:
    """When that happened by which a play ends: of a fact about a thing, to each thing for which that counts."""
    fact = FACTS.get(key)
    if about is None or fact is None or not issubclass(fact, (AboutThing, AboutInvoice)):
        if (it := last_that_ends(context.state, play, key, contact)) is not None:
            yield it
        return
    for told, it in context.state.happened_to.items():
        name, _, theirs = told.partition(" ")
        turn = fact.turn if issubclass(fact, AboutThing) else None
        if name == key and counts_for(about, theirs, turn, dated=play.dated is not None):
            yield it


def counts_for(mine: str | None, theirs: str | None, turn: Turn | None, *, dated: bool) -> bool:
    """Whether what happened to one meeting, demo, proposal, term or invoice counts for what is about another one."""
    if mine is None or theirs is None or mine == theirs or mine.partition("/")[0] != theirs.partition("/")[0]:
        return True
    kind, _, number = mine.partition("/")
    if kind == "contract" and turn == "begins":
        return int(theirs.partition("/")[2]) > int(number)
    if kind == "invoice":
        return False
    if kind == "proposal" and turn == "goes_well":
        return True  # whoever accepts one has answered all that they were sent
    return turn == "begins" if dated else turn != "goes_badly"


def is_of_another_invoice(mine: str | None, theirs: str | None) -> bool:
    """Whether two runs are about two invoices: then one is not in the way of the other, though its play runs alone."""
    return mine is not None and theirs is not None and mine != theirs and mine.startswith("invoice/")


def is_refused(state: DealState, play: Play, contact: str | None) -> bool:
    """Whether a contact opted out, or their address bounced, before a play could begin that ends by it."""
    whom = consent.contact_of(state, contact)
    if whom is None or consent.forbidden(state, whom, marketing=True) is None:
        return False
    bounced = consent.forbidden(state, whom, marketing=False) is not None
    return any(fact.about_an_address is bounced for key in play.until if (fact := _that_silences(key)) is not None)


def _that_silences(key: str) -> type[AboutPerson] | None:
    """The fact of a key, if such facts silence people."""
    fact = FACTS.get(key.partition(":")[0])
    if fact is None or not issubclass(fact, AboutPerson) or fact is SmsUndelivered:
        return None  # a number that takes no text messages says nothing of mail
    return fact if fact.silences_for_all else None


def in_roles_of(state: DealState, play: Play) -> frozenset[str]:
    """The contacts whom messages of a play go to by their role."""
    roles = tuple(role for role in play.writes_to if role is not None)
    return frozenset(contact.id for contact in in_roles(state, roles)) if roles else frozenset()


def writes_to_anybody(play: Play) -> bool:
    """Whether any of a play's messages goes to whom all messages go to; or it has none."""
    return not play.writes_to or None in play.writes_to
