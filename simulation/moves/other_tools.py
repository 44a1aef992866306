"""What other tools tell of what a deal has them do: cadences, text messages, documents and subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from dealwright.deal import Contact, Deal
from dealwright.decision import Received
from dealwright.facts import EnrolmentEnded
from simulation.moves import billed, facts
from simulation.moves.deals import any_money
from simulation.moves.situation import Payload, Situation

_OF_PROPOSALS = (
    "proposal_opened", "proposal_accepted", "proposal_accepted", "proposal_declined", "proposal_expired",
    "proposal_withdrawn", "proposal_forwarded",
)  # fmt: skip
_OF_CONTRACTS = ("contract_opened", "contract_signed", "contract_withdrawn", "contract_withdrawn")
BY_TOOLS = frozenset(
    {"enrol_contact", "send_sms", "send_document", "withdraw_document", "start_subscription", "change_subscription"}
)
"""The effects of which something may be told while they are on their way."""
_NUMBERS = ("+49 170 1234567", "+491701234567", "+44 20 7946 0958", "+1 (415) 555-0100", "0170 1234567", None)
"""Phone numbers, two of them the same, and one without its country."""


def with_phones(random: Random, deal: Deal) -> Deal:
    """The deal, with numbers of its contacts."""
    contacts = tuple(_with_phone(random, one) for one in deal.contacts or ())
    return deal.model_copy(update={"contacts": contacts or None})


def _with_phone(random: Random, contact: Contact) -> Contact:
    return contact.model_copy(update={"phone": random.choice(_NUMBERS)})


@dataclass
class OtherTools:
    """The tools that work on a deal, with a chance of their own.

    They tell of what is long over as well, twice, and out of order.
    """

    random: Random
    _enrolments: list[str] = field(default_factory=list)
    """All that there ever were."""
    _named: dict[str, str] = field(default_factory=dict)
    """Documents by the tool's names for them, each with its kind."""

    def says_next(self, situation: Situation, serial: int) -> Received | None:
        """Something that one of the tools tells; mostly nothing."""
        own = Situation(self.random, situation.now, situation.state)
        self._enrolments += [one for one in situation.state.enrolments if one not in self._enrolments]
        waiting = any(one.does == "send_document" and one.again_at for one in situation.state.pending.values())
        if waiting and self.random.random() < 0.5:
            return facts.fact(own, "contract_signed", serial)
        if situation.state.stage == "offer" and self.random.random() < 0.6:
            return self._document(own, serial) if self.random.random() < 0.5 else _terms(own, serial)
        if situation.state.stage == "billed" and self.random.random() < 0.15:
            return facts.fact(own, "subscription_changed", serial, **billed.told(own))
        if billed.is_refused(own) and self.random.random() < 0.5:
            return facts.fact(own, "contract_amended", serial)
        tell = self.random.choices((None, self._enrolment, _number), (5, 3, 3))[0]
        return tell(own, serial) if tell is not None else None

    def _document(self, situation: Situation, serial: int) -> Received | None:
        """What became of a document: mostly of one that is out, by the name that the tool has for it."""
        names = {id_: one.reference for id_, one in situation.state.documents.items() if one.reference}
        self._named |= {name: situation.state.documents[id_].what for id_, name in names.items()}
        if not self._named:
            return None
        live = [name for id_, name in names.items() if situation.state.documents[id_].is_live]
        which = self.random.choice(live if live and self.random.random() < 0.7 else list(self._named))
        what = self._named[which]
        name = self.random.choice(_OF_CONTRACTS if what == "contract" else _OF_PROPOSALS)
        said: Payload = {what: which} if self.random.random() < 0.85 else {}
        return facts.fact(situation, name, serial, **{**_details(situation, name), **said})

    def _enrolment(self, situation: Situation, serial: int) -> Received | None:
        if not self._enrolments:
            return None
        open_ones = list(situation.state.enrolments)
        which = self.random.choice(open_ones if open_ones and self.random.random() < 0.7 else self._enrolments)
        if self.random.random() < 0.3:
            step = str(self.random.randint(1, 5))
            return facts.fact(situation, "enrolment_advanced", serial, enrolment=which, step=step)
        how = self.random.choice(EnrolmentEnded.variants())
        return facts.fact(situation, "enrolment_ended", serial, enrolment=which, how=how)


def _details(situation: Situation, name: str) -> Payload:
    if name == "contract_signed":
        return facts.payload_of(situation, name)
    return {"how": situation.random.choice(("voided", "declined", "expired"))} if name == "contract_withdrawn" else {}


def _terms(situation: Situation, serial: int) -> Received:
    """The deal's terms change: its amount, the discount, or the days of the term."""
    random = situation.random
    match random.choice(("amount", "discount", "days", "days")):
        case "amount":
            money = any_money(random).model_dump(mode="json")
            return facts.fact(situation, "crm_properties_changed", serial, amount=money)
        case "discount":
            return facts.fact(situation, "discount_requested", serial, percent=random.choice(("0", "3", "10", "20")))
    begins = situation.day(-5, 20)
    days: Payload = {"starts_on": begins, "ends_on": begins + timedelta(days=random.choice((29, 364, 729)))}
    return facts.fact(situation, "fields_learned", serial, fields=days)


def _number(situation: Situation, serial: int) -> Received:
    """What is told of text messages: STOP and START by number, agreement of a person, and what did not arrive."""
    name, payload = situation.random.choice(_OF_NUMBERS)
    return facts.fact(situation, name, serial, **payload(situation))


def _of_a_person(situation: Situation) -> Payload:
    known = (situation.state.deal.contacts if situation.state.deal else None) or ()
    return {"channel": "sms", "contact": situation.random.choice([one.id for one in known] or ["c0"])}


def _by_number(situation: Situation) -> Payload:
    return {"channel": "sms", "address": situation.random.choice([one for one in _NUMBERS[:4] if one])}


def _undelivered(situation: Situation) -> Payload:
    sent = [touch for written in situation.state.written.values() for touch in written.touches]
    said: Payload = {"kind": situation.random.choice(("hard", "soft", "soft"))}
    if sent and situation.random.random() < 0.5:
        return {**said, "touch": situation.random.choice(sent)}
    return {**said, "address": situation.random.choice([one for one in _NUMBERS[:4] if one])}


def _new_number(situation: Situation) -> Payload:
    part = facts.payload_of(situation, "contacts_learned")
    for one in part["contacts"] if isinstance(part["contacts"], list) else ():
        one["phone"] = situation.random.choice(_NUMBERS)
    return part


_OF_NUMBERS: tuple[tuple[str, Callable[[Situation], Payload]], ...] = (
    ("channel_allowed", _of_a_person), ("channel_allowed", _of_a_person), ("channel_allowed", _of_a_person),
    ("channel_allowed", _by_number), ("channel_refused", _by_number), ("channel_refused", _of_a_person),
    ("sms_undelivered", _undelivered), ("contacts_learned", _new_number), ("contacts_learned", _new_number),
)  # fmt: skip
