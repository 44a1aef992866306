"""What other tools tell of what a deal has them do: cadences and text messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from dealwright.deal import Contact, Deal
from dealwright.decision import Received
from dealwright.facts import EnrolmentEnded
from simulation.moves import facts
from simulation.moves.situation import Payload, Situation

BY_TOOLS = frozenset({"enrol_contact", "send_sms"})
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

    def says_next(self, situation: Situation, serial: int) -> Received | None:
        """Something that one of the tools tells; mostly nothing."""
        own = Situation(self.random, situation.now, situation.state)
        self._enrolments += [one for one in situation.state.enrolments if one not in self._enrolments]
        tell = self.random.choices((None, self._enrolment, _number), (5, 3, 3))[0]
        return tell(own, serial) if tell is not None else None

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
