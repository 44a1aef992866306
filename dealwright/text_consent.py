"""Who may get a text message: whoever agreed to get some, at a number that nobody opted out and that takes them.

Consent is a contact's; an opt-out (``STOP``) and an undeliverable number are held against the number, in E.164. What
nobody said is no consent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dealwright.deal import Contact
from dealwright.entries import FactTaken
from dealwright.facts import ChannelAllowed, ChannelRefused
from dealwright.state import DealState, Pending
from dealwright.values.phone_numbers import e164

NO_NUMBER = "no contact with a phone number in international form (+49 170 1234567) is known"
_CHANNEL = "sms"


def addressee(state: DealState, only: Collection[str] | None = None) -> Contact | str:
    """To whom a text message goes: the first contact who may get it. Else why to nobody.

    ``only`` are the contacts whom it may go to, by id.
    """
    why = NO_NUMBER
    for contact in _contacts(state, only):
        if e164(contact.phone) is None:
            continue
        if (reason := forbidden(state, contact)) is None:
            return contact
        why = reason if why == NO_NUMBER else why
    return why


def expected_addressee(state: DealState, only: Collection[str] | None = None) -> Contact | None:
    """To whom a text message would go as things stand; the first contact while nobody may get it."""
    contact = addressee(state, only)
    return contact if isinstance(contact, Contact) else next(_contacts(state, only), None)


def forbidden(state: DealState, contact: Contact) -> str | None:
    """Why a contact may not get a text message; None when they may."""
    number = e164(contact.phone)
    silence = state.silenced.get(number or "")
    if silence is not None and silence.bounced:
        return "text messages to the contact's number cannot be delivered"
    wish, of_number = (state.channel_wishes.get(f"{_CHANNEL} {whose}") for whose in (contact.id, number))
    if any(said is not None and not said.allowed for said in (wish, of_number)):
        return "the contact refused text messages"
    if contact.id in state.opted_out:
        return "the contact opted out"
    return "the contact has not allowed text messages" if wish is None else None


def forbidden_now(state: DealState, pending: Pending) -> str | None:
    """Why a text message that is on its way, or waits, may not go out any more; None for what may."""
    contact = Contact(id=pending.contact or "", name="", phone=pending.address)
    return forbidden(state, contact)


def numbers_told_of(taken: FactTaken) -> tuple[str, ...]:
    """The numbers for which a fact says whether they get text messages; none of a fact that says it of a person."""
    numbers = (address for address in taken.addresses if e164(address) == address)
    return tuple(numbers) if is_about_texts(taken) else ()


def is_about_texts(taken: FactTaken) -> bool:
    """Whether a fact says that somebody wants text messages, or wants none."""
    return taken.variant == _CHANNEL and taken.fact in {ChannelRefused.name, ChannelAllowed.name}


def _contacts(state: DealState, only: Collection[str] | None) -> Iterator[Contact]:
    known = (state.deal.contacts if state.deal else None) or ()
    return (one for one in known if only is None or one.id in only)
