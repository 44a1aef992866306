"""What deals are told about people: who they are, what they answer, which messages came back."""

from __future__ import annotations

from dealwright.facts import ReplyReceived
from simulation.moves.deals import any_contact
from simulation.moves.situation import Payload, Situation

_SENTIMENTS = ReplyReceived.variants()


def contacts(situation: Situation) -> Payload:
    """Contacts that somebody learned of."""
    ids = situation.random.sample(("c0", "c1", "c2", "c3"), situation.random.randint(1, 2))
    return {"contacts": [part_of_contact(situation, id_) for id_ in ids]}


def part_of_contact(situation: Situation, id_: str) -> Payload:
    """What somebody knows of a contact: sometimes little, sometimes that an address is none."""
    known: Payload = any_contact(situation.random, id_).model_dump(exclude_none=True)
    for field in ("email", "timezone", "country", "role"):
        if situation.random.random() < 0.3:
            known.pop(field, None)
    if situation.random.random() < 0.05:
        known["email"] = None
    return known


def reply(situation: Situation) -> Payload:
    """What a contact answers, with whom they name and when to come back."""
    random = situation.random
    sentiment = random.choices(_SENTIMENTS, (4, 2, 3, 2, 2, 1, 6, 4))[0]
    says: Payload = {"returns_on": situation.day(-1, 14)} if random.random() < 0.7 else {}
    if sentiment == "not_now" and random.random() < 0.8:
        says["back_on"] = random.choice((situation.day(-3, 60), situation.day(1, 20), None))
    if sentiment in {"wrong_person", "referral"} and random.random() < 0.8:
        says["refers_to"] = _somebody(situation)
    return {"sentiment": sentiment, **says, **whom(situation)}


def _somebody(situation: Situation) -> Payload:
    """Whom a reply names: mostly somebody new, sometimes a contact, sometimes by the address alone."""
    named = part_of_contact(situation, situation.random.choice(("c0", "c1", "c2", "c3", "c4")))
    if named.get("email") and situation.random.random() < 0.3:
        return {"email": named["email"]}
    return {key: value for key, value in named.items() if value is not None}


def bounce(situation: Situation) -> Payload:
    """A message that came back, of a contact or by its id."""
    touches = [touch for written in situation.state.written.values() for touch in written.touches]
    of_touch = touches and situation.random.random() < 0.2
    which: Payload = {"touch": situation.random.choice(touches)} if of_touch else whom(situation)
    return {"kind": situation.random.choice(("hard", "soft", "soft")), **which}


def whom(situation: Situation) -> Payload:
    """Whom a fact is about: mostly nobody by name; else by id or by address, in any spelling, sometimes a stranger."""
    if situation.random.random() < 0.5:
        return {}
    known = [one.id for one in (situation.state.deal.contacts if situation.state.deal else None) or ()]
    who = situation.random.choice((*known, *known, "c0", "c1", "eve"))
    address = situation.random.choice(
        (f"{who}@buyer.example", f"{who.upper()}@Buyer.example", "Team <TEAM@buyer.example>")
    )
    return {"contact": who} if situation.random.random() < 0.5 else {"address": address}
