"""Contacts: who has a role in the buying committee, and the deal as it is with one of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from dealwright.deal import Contact
from dealwright.effects import SENT
from dealwright.facts import FACTS, AboutPerson, CallLogged, ConversationRecorded
from dealwright.state import WITH_CONTACT, Counted, DealState, Happened
from dealwright.values.addresses import normal

_TAKE_PLACE = frozenset(name for name, fact in FACTS.items() if "attended" in fact.model_fields)
"""The facts that tell of a conversation which took place, and of who was there."""
CHANGE_CONTACTS = frozenset({*_TAKE_PLACE, CallLogged.name, ConversationRecorded.name, *SENT.values()})
"""The facts and events by which a contact is met, or is silent or no longer; replies are always decided anyway."""
_AGREED_TO_MEET = ("meeting_booked", "demo_booked", "call_logged:connected")
"""The facts by which somebody has answered though nobody wrote, beside conversations that took place."""
_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def role_word(role: str) -> str:
    """A contact's role as playbooks write it: ``Economic Buyer`` and ``economic-buyer`` are one."""
    return _BETWEEN_WORDS.sub("_", role.strip().casefold())


def in_roles(state: DealState, roles: Collection[str] = ()) -> tuple[Contact, ...]:
    """The contacts who have one of these roles, in the deal's order; of no roles: all.

    Of several with one address only the first: they are one person for all that is sent.
    """
    wanted, found, addresses = {role_word(role) for role in roles}, list[Contact](), set[str]()
    for contact in (state.deal.contacts if state.deal else None) or ():
        if wanted and (contact.role is None or role_word(contact.role) not in wanted):
            continue
        if contact.email is not None and (address := normal(contact.email)) in addresses:
            continue
        addresses |= {address} if contact.email is not None else set()
        found.append(contact)
    return tuple(found)


def is_about_somebody(key: str) -> bool:
    """Whether a fact or event may be about one contact: what they wrote, what went to them, what was done for them."""
    name = key.partition(":")[0]
    fact = FACTS.get(name)
    return name in WITH_CONTACT or (fact is not None and issubclass(fact, AboutPerson))


def met_at(state: DealState, contact: str) -> datetime | None:
    """When a meeting or demo with a contact took place last; None when none did."""
    told = state.happened_with.get(contact, {})
    return max((it.at for key, it in told.items() if key in _TAKE_PLACE), default=None)


def silent_since(state: DealState, contact: str) -> datetime | None:
    """Since when nothing was heard from a contact: since they wrote, were met or spoken with last, or called us.

    Of whom nothing was ever heard: since they were written to first.

    None for somebody who was never asked anything.
    """
    recorded = state.happened_with.get(contact, {}).get(ConversationRecorded.name)
    told = (
        state.heard_from.get(contact), state.spoken_with.get(contact), met_at(state, contact),
        recorded.at if recorded else None,
    )  # fmt: skip
    if heard := [at for at in told if at is not None]:
        return max(heard)
    return min((written.first for written in state.written.values() if written.contact == contact), default=None)


def answered_last(state: DealState) -> datetime | None:
    """When somebody on the buying side was heard of last: wrote, called, was spoken with or met, or agreed to meet.

    An automatic reply is no answer, and neither is what we do.
    """
    happened = (state.happened.get(key) for key in (*_AGREED_TO_MEET, *_TAKE_PLACE))
    recorded = (told.get(ConversationRecorded.name) for told in state.happened_with.values())
    told = [it.at for it in (*happened, *recorded) if it is not None]
    return max((*told, *state.heard_from.values(), *state.spoken_with.values()), default=None)


def seen_with(state: DealState, contact: str | None) -> DealState:
    """The deal as a play sees it that runs for one contact; None: as it is.

    The contact is ``contact.`` there, and of what is about single contacts only what is about them has happened.
    """
    if contact is None:
        return state
    happened = {key: it for key, it in state.happened.items() if not is_about_somebody(key)}
    for table in (state.happened_with.get("", {}), state.happened_with.get(contact, {})):
        for key, it in table.items():
            happened[key] = max(it, happened.get(key, it), key=_moment)
    known = (state.deal.contacts if state.deal else None) or ()
    first = tuple(sorted(known, key=lambda one: one.id != contact))
    deal = state.deal.model_copy(update={"contacts": first}) if state.deal else None
    return state.model_copy(update={"deal": deal, "happened": happened, "counted": _counted_with(state, contact)})


def _counted_with(state: DealState, contact: str) -> dict[str, tuple[Counted, ...]]:
    """How often each fact happened: of those about single contacts, the times that were about this one."""
    return {
        key: tuple(one for one in times if contact in one.concerns) if is_about_somebody(key) else times
        for key, times in state.counted.items()
    }


def _moment(it: Happened) -> tuple[object, int]:
    return it.at, it.number
