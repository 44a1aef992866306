"""Who is not to be written to, as the facts told it: who opted out, and addresses at which nothing arrives."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.deal import Contact
from dealwright.values.addresses import normal
from simulation.replay import Replay


class OptOuts:
    """Who opted out, and which addresses get no marketing any more."""

    def __init__(self) -> None:
        self._addresses: set[str] = set()
        self._contacts: set[str] = set()

    def hear(self, replay: Replay, entry: e.Entry) -> None:
        """Take in an opt-out; anything else is passed over."""
        if not isinstance(entry, e.FactTaken) or entry.fact != "opted_out":
            return
        contact, address = named(replay)
        if address is not None:
            self._addresses.add(address)
            self._contacts |= _only_one(replay.memory.whose.get(address, set()))
        elif (known := replay.memory.contact(entry.contact if contact is None else contact)) is not None:
            self._add(known)

    def _add(self, contact: Contact) -> None:
        self._contacts.add(contact.id)
        self._addresses |= {normal(contact.email)} if contact.email else set()

    def count(self, contact: str, address: str | None) -> bool:
        """Whether a contact opted out, or somebody did for an address, in its normal form."""
        return contact in self._contacts or address in self._addresses


class Bounces:
    """The addresses at which nothing arrives."""

    def __init__(self) -> None:
        self._bounced: set[str] = set()

    def hear(self, replay: Replay, entry: e.Entry) -> None:
        """Take in a hard bounce; anything else is passed over."""
        if not isinstance(entry, e.FactTaken) or entry.fact != "email_bounced" or entry.variant == "soft":
            return
        contact, address = named(replay)
        touch = replay.payload.get("touch")
        if address is not None:
            self._bounced.add(address)
        elif isinstance(touch, str) and touch in replay.memory.went_to:
            self._bounced.add(replay.memory.went_to[touch])
        elif contact is None:
            self._bounced |= {*entry.addresses}

    def count(self, address: str | None) -> bool:
        """Whether nothing arrives at an address, in its normal form."""
        return address in self._bounced


def named(replay: Replay) -> tuple[str | None, str | None]:
    """Whom a fact names: a contact by id, and an address in its normal form."""
    contact, address = replay.payload.get("contact"), replay.payload.get("address")
    return (
        contact if isinstance(contact, str) else None,
        normal(address) if isinstance(address, str) else None,
    )


def _only_one(contacts: set[str]) -> set[str]:
    """Who is meant by an address that was only ever one person's."""
    return contacts if len(contacts) == 1 else set()
