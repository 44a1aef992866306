"""Consent: who is meant by what people report, and which address may get which mail.

Opt-outs and bounces are held against an address in its normal form. A contact who opted out stays silent at every
address they are given later; a corrected address of one whose old address bounced starts clean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from dealwright import text_consent
from dealwright.deal import Contact
from dealwright.entries import FactTaken
from dealwright.facts import FACTS, AboutPerson, ChannelAllowed, SmsUndelivered
from dealwright.state import DealState, Happened, Pending
from dealwright.values.addresses import bare, normal
from dealwright.values.phone_numbers import e164

NO_ADDRESS = "no contact with an address is known"
_Known = Iterator[tuple[str, str]]
"""Contacts' ids, each with an address of theirs as it is written."""


def addressee(state: DealState, *, marketing: bool, only: Collection[str] | None = None) -> Contact | str:
    """To whom a message goes: the first contact with an address that may get it. Else why to nobody.

    ``only`` are the contacts whom it may go to, by id.
    """
    why = NO_ADDRESS
    for contact in _contacts(state):
        if not contact.email or (only is not None and contact.id not in only):
            continue
        reason = forbidden(state, contact, marketing=marketing)
        if reason is None:
            return contact
        why = reason if why == NO_ADDRESS else why
    return why


def expected_addressee(
    state: DealState, *, marketing: bool = True, only: Collection[str] | None = None
) -> Contact | None:
    """To whom a message would go as things stand; the first contact while nobody may get it.

    ``only`` are the contacts whom it may go to, by id.
    """
    contact = addressee(state, marketing=marketing, only=only)
    meant = (one for one in _contacts(state) if only is None or one.id in only)
    return contact if isinstance(contact, Contact) else next(meant, None)


def contact_of(state: DealState, contact: str | None) -> Contact | None:
    """The contact of this id, as they are known now."""
    return next((one for one in _contacts(state) if one.id == contact), None)


def away_until(state: DealState, contact: Contact, now: datetime) -> datetime | None:
    """Until when a contact is away, as somebody with their address said last; None when they are there."""
    own = normal(contact.email) if contact.email else None
    shared = {one.id for one in _contacts(state) if one.email and normal(one.email) == own}
    said = [state.away[one] for one in {contact.id, *shared} if one in state.away and not _wrote_since(state, one)]
    return max((absence.until for absence in said if absence.until > now), default=None)


def _wrote_since(state: DealState, contact: str) -> bool:
    """Whether somebody who was away has written themselves since they said so."""
    at = state.heard_from.get(contact)
    return at is not None and at > state.away[contact].told_at


def forbidden(state: DealState, contact: Contact, *, marketing: bool) -> str | None:
    """Why a contact may not get a message; None when they may. A bounced address gets no mail at all."""
    silence = state.silenced.get(normal(contact.email)) if contact.email else None
    if silence is not None and silence.bounced:
        return "the contact's address bounced"
    if marketing and (silence is not None or contact.id in state.opted_out):
        return "the contact opted out"
    return None


def forbidden_now(state: DealState, pending: Pending) -> str | None:
    """Why a message that is on its way, or waits, may not go out any more; None for what may, and for no message."""
    if pending.address is None:
        return None
    if e164(pending.address) == pending.address:
        return text_consent.forbidden_now(state, pending)
    contact = Contact(id=pending.contact or "", name="", email=pending.address)
    return forbidden(state, contact, marketing=pending.marketing)


def resolved(state: DealState, taken: FactTaken) -> FactTaken:
    """A fact about a person with whom it means: the contact, the addresses, and what leads to nobody."""
    fact = FACTS.get(taken.fact)
    if fact is None or not issubclass(fact, AboutPerson):
        return taken
    if taken.contact and "@" in taken.contact and not taken.address and not _is_known(state, taken.contact):
        taken = taken.model_copy(update={"contact": None, "address": taken.contact})
    about = _by_address(state, taken) if fact.about_an_address else _by_person(state, taken)
    about = about.model_copy(update={"concerns": _whom(state, about, by_address=fact.about_an_address)})
    if not fact.ends_plays_to_them_only:
        return about
    return about.model_copy(update={"spares": _spares(state, about, by_address=fact.about_an_address)})


def took_part(state: DealState, attended: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Who took part in a meeting: the contacts of these ids; of none, whom messages go to. Others are strangers."""
    if attended:
        known = tuple(contact.id for contact in _contacts(state) if contact.id in attended)
        return {"concerns": known, "strangers": tuple(one for one in dict.fromkeys(attended) if one not in known)}
    main = _main_contact(state)
    return {"concerns": () if main is None else (main,)}


def called(state: DealState, contact: str | None, address: str | None) -> dict[str, object]:
    """The contact with whom a call was: whom it names, and where it names nobody, whom messages go to."""
    if not contact and not address:
        return {"contact": _main_contact(state)}
    known = known_as(state, contact, address)
    return {"contact": known, "strangers": () if known else names_of(contact, address)}


def names_of(contact: str | None, address: str | None) -> tuple[str, ...]:
    """By what somebody is known once they are a contact: their id, and their address in its normal form."""
    return tuple(dict.fromkeys(filter(None, (contact, normal(address) if address else None))))


def known_as(state: DealState, contact: str | None, address: str | None) -> str | None:
    """The contact whom an id or an address leads to; None for somebody whom the deal does not know."""
    if contact is not None and any(one.id == contact for one in _contacts(state)):
        return contact
    return _whose(state, address)


def last_that_ends(state: DealState, key: str) -> Happened | None:
    """The last fact or event of a key that ends plays which end by it: one about a person, if it was about theirs."""
    fact = FACTS.get(key.partition(":")[0])
    of_theirs_only = fact is not None and issubclass(fact, AboutPerson) and fact.ends_plays_to_them_only
    return (state.concerned if of_theirs_only else state.happened).get(key)


def is_known_already(state: DealState, about: FactTaken) -> bool:
    """Whether somebody else told the same before: that these addresses opted out or bounced, or this very reply.

    A reply that was told as ``other`` is told anew by who has read it: that counts.
    """
    if about.message_id is not None:
        judged_now = about.message_id in state.unjudged and about.variant != "other"
        return about.message_id in state.replies and not judged_now
    if not about.silences or about.unresolved is not None or not about.addresses:
        return False
    known = [state.silenced.get(address) for address in about.addresses]
    if about.bounced:
        return all(silence is not None and silence.bounced for silence in known)
    return all(silence is not None for silence in known) and about.contact in {None, *state.opted_out}


def _whom(state: DealState, about: FactTaken, *, by_address: bool) -> tuple[str, ...]:
    """The contacts whom it is about: by what is about an address, those who have it now; else also the one it names."""

    def is_meant(contact: Contact) -> bool:
        has_it = any(normal(own) in about.addresses for own in (contact.email, contact.phone) if own)
        return has_it or (contact.id == about.contact and not (by_address and about.addresses))

    return tuple(contact.id for contact in _contacts(state) if is_meant(contact))


def _spares(state: DealState, about: FactTaken, *, by_address: bool) -> bool:
    """Whether it is about somebody else than messages go to, or about an address that they no longer have."""
    main = expected_addressee(state)
    if main is None:
        return False
    if any(normal(own) in about.addresses for own in (main.email, main.phone) if own):
        return False
    return bool(about.addresses and by_address) or main.id != about.contact


def _by_person(state: DealState, taken: FactTaken) -> FactTaken:
    """By the contact's id, else by the address; what names neither is about whoever messages go to."""
    contact = taken.contact or (None if taken.address else _main_contact(state))
    whose = contact if contact and _is_known(state, contact) else _whose(state, taken.address)
    own = (_address_of(state, whose) or _only_number_of(state, whose, taken)) if whose else None
    return _about(taken, whose or contact, (taken.address, own), known=whose is not None)


def _by_address(state: DealState, taken: FactTaken) -> FactTaken:
    """The address that it names, or that the message went to, or that was written to last before it bounced.

    What is said of a text message is about a phone number, and of a mail about an address of mail.
    """
    address, by_text = taken.address or _of_touch(state, taken.touch), taken.fact == SmsUndelivered.name
    if address is not None:
        whose = _whose(state, address)
        return _about(taken, whose or taken.contact, (address,), known=whose is not None)
    address = _written_before(state, taken.contact, taken.happened_at, by_text=by_text)
    contact = taken.contact or _whose(state, address) or _main_contact(state, by_text=by_text)
    address = address or (_address_of(state, contact, by_text=by_text) if contact else None)
    if taken.touch and not taken.contact:  # a message that is none of this deal's
        return _about(taken, None, (), known=False)
    return _about(taken, contact, (address,), known=contact is not None and _is_known(state, contact))


def _about(taken: FactTaken, contact: str | None, addresses: Iterable[str | None], *, known: bool) -> FactTaken:
    written = [bare(address) for address in addresses if address]
    named = taken.address or taken.contact or taken.touch
    nobody = named or ("a person without a name" if taken.silences else None)
    changes = {
        "contact": contact,
        "address": written[0] if written else None,
        "addresses": tuple(dict.fromkeys(map(normal, written))),
        "unresolved": None if known else nobody,
    }
    return taken.model_copy(update=changes)


def _contacts(state: DealState) -> tuple[Contact, ...]:
    return (state.deal.contacts if state.deal else None) or ()


def _main_contact(state: DealState, *, by_text: bool = False) -> str | None:
    """Whom messages go to, or would if they had an address."""
    main = text_consent.expected_addressee(state) if by_text else expected_addressee(state)
    return main.id if main else None


def _is_known(state: DealState, contact: str) -> bool:
    """Whether the deal has, or had, a contact of this id."""
    now = any(one.id == contact for one in _contacts(state))
    return now or contact in state.former_addresses or any(one.contact == contact for one in state.written.values())


def _whose(state: DealState, address: str | None) -> str | None:
    """The contact whose address it is, was, or was when the deal wrote to it."""
    if address is None:
        return None
    wanted = normal(address)
    return next((contact for contact, known in _all_known(state) if normal(known) == wanted), None)


def _address_of(state: DealState, contact: str, *, by_text: bool = False) -> str | None:
    """A contact's address of mail, or phone number: the one of now, else the last one."""
    known = [address for id_, address in _all_known(state) if id_ == contact and ("@" in address) is not by_text]
    return known[0] if known else None


def _only_number_of(state: DealState, contact: str, taken: FactTaken) -> str | None:
    """The number of a contact who has no address of mail: by that, other deals know them.

    None for what is said of text messages, and for leave that is given: whoever stopped texts to a number gives leave
    by that number, and nobody else for them.
    """
    if taken.fact == ChannelAllowed.name or text_consent.is_about_texts(taken):
        return None
    known = contact_of(state, contact)
    return e164(known.phone) if known is not None and not known.email else None


def _all_known(state: DealState) -> _Known:
    """The addresses of contacts: those of now, then those that the deal has written to, then earlier ones."""
    yield from ((contact.id, contact.email) for contact in _contacts(state) if contact.email)
    yield from ((contact.id, number) for contact in _contacts(state) if (number := e164(contact.phone)))
    yield from ((p.contact, p.address) for p in state.pending.values() if p.contact and p.address)
    latest = sorted(state.written.items(), key=lambda item: item[1].last, reverse=True)
    yield from ((written.contact, address) for address, written in latest)
    for contact, addresses in state.former_addresses.items():
        yield from ((contact, address) for address in reversed(addresses))


def _of_touch(state: DealState, touch: str | None) -> str | None:
    """The address that a message of ours went to."""
    if touch is None:
        return None
    if (pending := state.pending.get(touch)) is not None:
        return pending.address
    return next((address for address, written in state.written.items() if touch in written.touches), None)


def _written_before(state: DealState, contact: str | None, at: datetime, *, by_text: bool) -> str | None:
    """The address or number that was written to last, for a contact or for anybody, of those of before a time."""
    written = [
        (min(one.last, at), address)
        for address, one in state.written.items()
        if one.first <= at and (contact is None or one.contact == contact)
    ]
    on_their_way = [
        (one.started_at, one.address)
        for one in state.pending.values()
        if one.address and one.again_at is None and one.started_at <= at and contact in {None, one.contact}
    ]
    that_way = [one for one in (*written, *on_their_way) if ("@" in one[1]) is not by_text]
    return max(that_way, default=(at, None))[1]
