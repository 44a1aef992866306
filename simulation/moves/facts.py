"""What deals are told: payloads for every fact, and what is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

from dealwright.decision import Received
from dealwright.facts import FACTS
from dealwright.qualification import STATUSES
from simulation.moves import billed, crm, people
from simulation.moves.deals import any_money
from simulation.moves.reasons import any_reason
from simulation.moves.situation import Payload, Situation


def fact(situation: Situation, name: str, serial: int, **given: object) -> Received:
    """A fact as some system reports it: mostly with an id, sometimes late, sometimes without a time."""
    random = situation.random
    payload = {**payload_of(situation, name), **given}
    chance = random.random()
    if chance < 0.7:
        payload["at"] = situation.now
    elif chance < 0.82:
        payload["at"] = situation.now - timedelta(hours=random.expovariate(1 / 60))
    elif chance < 0.84:
        payload["at"] = situation.now + timedelta(minutes=random.randint(1, 5))
    elif chance < 0.85:
        payload["at"] = situation.now + timedelta(days=random.randint(1, 400))  # of a clock that is wrong
    if random.random() < 0.93:
        payload["id"] = f"f{serial}"
    return received(situation, name, payload)


def payload_of(situation: Situation, name: str) -> Payload:
    """What a fact may say, without its id and time."""
    return _MAKE[name](situation) if name in _MAKE else {}


def received(situation: Situation, name: str, payload: Payload) -> Received:
    """A fact with this payload, received now."""
    id_ = payload.get("id")
    text = json.dumps(payload, default=_plainly)
    return Received(kind="fact", name=name, id=id_ if isinstance(id_, str) else None, at=situation.now, payload=text)


def redelivered(item: Received, serial: int, now: datetime) -> Received:
    """What was told before, told once more under another id: the same happening, for a system that numbers anew."""
    payload = json.loads(item.payload) if item.broken is None and item.payload.startswith("{") else None
    if payload is None or item.id is None:
        return item.model_copy(update={"at": now})
    payload |= {"id": f"g{serial}", "at": payload.get("at", item.at.isoformat())}
    return item.model_copy(update={"at": now, "id": f"g{serial}", "payload": json.dumps(payload)})


def broken(situation: Situation, serial: int) -> Received:
    """What is no valid fact."""
    name, payload, unread = situation.random.choice(_BROKEN)
    return Received(
        kind="fact", name=name, id=f"b{serial}" if "id" in payload else None, at=situation.now, payload=payload,
        broken=unread,
    )  # fmt: skip


def _plainly(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


_BROKEN: tuple[tuple[str, str, str | None], ...] = (
    ("demo_hold", '{"id": "x"}', None),
    ("demo_booked", "{}", None),
    ("demo_booked", '{"id": "x", "starts_at": "2026-05-05T10:00"}', None),
    ("usage_reported", '{"health": 300}', None),
    ("usage_reported", '{"health": NaN}', None),
    ("contract_signed", '{"starts_on": "2027-01-01", "ends_on": "2026-01-01"}', None),
    ("proposal_sent", '{"amount": {"amount": "-5", "currency": "EUR"}}', None),
    ("proposal_sent", '{"amount": {"amount": "5", "currency": "EURO"}}', None),
    ("reply_received", '{"sentiment": "furious"}', None),
    ("note_added", "[1, 2", None),
    ("note_added", "", "one payload is expected, 2 came"),
    ("deal_lost", '{"reasons": "typo"}', None),
    ("email_opened", '"opened"', None),
    ("opted_out", '{"at": "0001-01-01T00:00:00Z"}', None),
)


def _booked(kind: str) -> Callable[[Situation], Payload]:
    """A meeting or demo in the calendar; with an id where the calendar gives one."""
    return lambda situation: {
        "starts_at": situation.moment(-20, 300),
        "link": "https://meet.example/1",
        **_which(situation, kind, f"{kind[0]}1", f"{kind[0]}2"),
    }


def _ended(kind: str) -> Callable[[Situation], Payload]:
    """What became of a meeting or demo: of the one that is named, or has that date, or is next."""

    def tell(situation: Situation) -> Payload:
        table = situation.state.demos if kind == "demo" else situation.state.meetings
        dates = [one.starts_at for one in table.values() if one.starts_at]
        if dates and situation.random.random() < 0.3:
            return {"starts_at": situation.random.choice(dates)}
        return _which(situation, kind, *(table or ("x9",)), f"{kind[0]}2")

    return tell


def _which(situation: Situation, kind: str, *known: str) -> Payload:
    named = [key for key in known if key and not key.startswith("@")]
    return {kind: situation.random.choice(named)} if named and situation.random.random() < 0.4 else {}


def _sent(situation: Situation) -> Payload:
    payload: Payload = _which(situation, "proposal", "p1", "p2")
    if situation.random.random() < 0.7:
        payload["amount"] = any_money(situation.random).model_dump(mode="json")
    if situation.random.random() < 0.15:
        payload["discount"] = situation.random.choice(("5", "15", "40"))
    return payload


def _about_proposal(situation: Situation) -> Payload:
    return _which(situation, "proposal", "p1", *situation.state.proposals)


def _discount(situation: Situation) -> Payload:
    return {"percent": situation.random.choice(("0", "5", "10", "12.5", "20", "25", "60", "100"))} | _about_proposal(
        situation
    )


def _retraction(situation: Situation) -> Payload:
    """Something is taken back: more often than not something that was told."""
    told = [name for name in situation.state.happened if ":" not in name and name in _TAKEN_BACK]
    retracts = situation.random.choice(told or ["contract_cancelled"])
    keys = [*situation.state.demos, *situation.state.proposals, *situation.state.meetings]
    named = [key for key in keys if key and not key.startswith("@")]
    about: Payload = {"about": situation.random.choice(named)} if named and situation.random.random() < 0.2 else {}
    return {"retracts": retracts, **about}


def _term(situation: Situation) -> Payload:
    days = situation.random.choice((20, 45, 89, 120, 180, 364, 364, 364, 729))
    contract = situation.state.deal.contract if situation.state.deal else None
    begins = situation.day(-10, 30)
    if contract and contract.ends_on and contract.ends_on > situation.now.date() and situation.random.random() < 0.8:
        begins = contract.ends_on + timedelta(days=1)
    if situation.playbook == "other-tools":
        return billed.term(situation, begins)
    value = any_money(situation.random).model_dump(mode="json") if situation.random.random() < 0.5 else None
    return {"starts_on": begins, "ends_on": begins + timedelta(days=days), "value": value}


def _amended(situation: Situation) -> Payload:
    contract = situation.state.deal.contract if situation.state.deal else None
    if contract and contract.ends_on and contract.starts_on and situation.random.random() < 0.8:
        if situation.playbook == "other-tools":
            return billed.amended(situation, contract.starts_on)
        moved = contract.ends_on + timedelta(days=situation.random.randint(-120, 120))
        return {"ends_on": max(moved, contract.starts_on)}
    return {"ends_on": situation.day(-30, 100)}


def _answers(situation: Situation) -> Payload:
    names = ("budget", "authority", "need", "timeline", "pain", "champion", "metrics")
    given = situation.random.sample(names, situation.random.randint(1, 6))
    return {"answers": {name: _answer(situation, name) for name in given}}


def _answer(situation: Situation, name: str) -> object:
    """An answer, now and then with how sure it is."""
    if situation.random.random() < 0.7:
        return f"some {name}"
    which, status = situation.random.choice(("some", "another")), situation.random.choice(STATUSES)
    return {"value": f"{which} {name}", "status": status}


def _notes(situation: Situation) -> Payload:
    names = ("use_case", "success_criteria", "stakeholders", "timeline", "technical_requirements")
    given = situation.random.sample(names, situation.random.choice((1, 2, 5, 5)))
    return {"notes": {name: f"what the {name} is" for name in given}}


def _fields(situation: Situation) -> Payload:
    """Fields of a playbook that declares them: mostly known, sometimes known no longer, sometimes none."""
    random = situation.random
    known: Payload = {
        "seats": random.choice((3, 10, 40, "12", None)),
        "trial_ends_on": random.choice((situation.day(-5, 60), situation.day(1, 20), None)),
        "segment": random.choice(("small", "large", "large", None)),
    }
    given = {name: known[name] for name in random.sample(sorted(known), random.randint(1, 3))}
    return {"fields": given if random.random() < 0.95 else {**given, "seat": 1}}


def _some(key: str, *values: object) -> Callable[[Situation], Payload]:
    return lambda situation: {key: situation.random.choice(values)}


def _completed(situation: Situation) -> Payload:
    return {"task": situation.random.choice([*situation.state.tasks, "nobody/knows/1/this/1"])}


def _called(situation: Situation) -> Payload:
    """A call, now and then one of theirs; by no draw, so that lives stay those of their seeds."""
    result = situation.random.choice(("connected", "voicemail", "no_answer"))
    return {"result": result, **({"direction": "in"} if situation.state.entries % 17 == 0 else {})}


_CHANNELS = ("call", "sms")
_MAKE: dict[str, Callable[[Situation], Payload]] = {
    "lead_qualified": lambda situation: {"level": situation.random.choice(("mql", "sql")), "score": 55.5},
    "account_researched": _some("score", 40, 72.5),
    "buying_signal_seen": _some("signal", "pricing page", "job posted"),
    "email_opened": lambda _: {},
    "email_bounced": people.bounce,
    "opted_out": people.whom,
    "channel_refused": lambda situation: {**people.whom(situation), "channel": situation.random.choice(_CHANNELS)},
    "channel_allowed": lambda situation: {**people.whom(situation), "channel": situation.random.choice(_CHANNELS)},
    "reply_received": people.reply,
    "call_logged": _called,
    "meeting_booked": _booked("meeting"),
    "meeting_held": _ended("meeting"),
    "meeting_missed": _ended("meeting"),
    "meeting_cancelled": _ended("meeting"),
    "discovery_held": _ended("meeting"),
    "qualification_learned": _answers,
    "contacts_learned": people.contacts,
    "notes_learned": _notes,
    "fields_learned": _fields,
    "forecast_given": _some("forecast", "pipeline", "best_case", "commit", None),
    "next_step_agreed": lambda situation: {"on": situation.day(1, 20)},
    "demo_booked": _booked("demo"),
    "demo_held": _ended("demo"),
    "demo_missed": _ended("demo"),
    "demo_cancelled": _ended("demo"),
    "proposal_sent": _sent,
    "proposal_opened": _about_proposal,
    "proposal_accepted": _about_proposal,
    "proposal_declined": _about_proposal,
    "proposal_expired": _about_proposal,
    "proposal_withdrawn": _about_proposal,
    "discount_requested": _discount,
    "contract_signed": _term,
    "contract_renewed": _term,
    "contract_amended": _amended,
    "deal_lost": lambda situation: {"reason": situation.random.choice((None, "too dear")), **any_reason(situation)},
    "onboarding_step_done": _some("step", "kick-off", "data import"),
    "usage_reported": _some("health", 10, 49.9, 50, 90),
    "crm_stage_moved": crm.stage_set,
    "crm_properties_changed": crm.properties,
    "crm_deal_deleted": lambda _: {},
    "crm_deal_merged": _some("deal", None, "another"),
    "crm_task_completed": _completed,
    "contract_withdrawn": _some("how", "voided", "declined", "expired"),
    "invoice_paid": crm.invoice,
    "payment_failed": _some("attempt", 1, 2),
    "subscription_changed": _some("change", "upgraded", "paused", "ended"),
    "fact_retracted": _retraction,
    "note_added": _some("text", "called, nobody there", "likes the product"),
    "touch_confirmed": lambda situation: {"effect": _some_touch(situation)},
}  # fmt: skip


_TAKEN_BACK = frozenset({
    "demo_missed", "demo_cancelled", "demo_held", "meeting_missed", "meeting_cancelled", "meeting_held",
    "discovery_held", "contract_cancelled", "proposal_declined", "proposal_accepted", "opted_out", "reply_received",
    "meeting_booked", "demo_booked", "call_logged", "lead_qualified", "crm_deal_deleted",
    "deal_lost",
})  # fmt: skip


def _some_touch(situation: Situation) -> str:
    return situation.random.choice([*situation.state.pending, "nobody/knows/1/this/1"])


_OF_THEIR_OWN = frozenset({"conversation_recorded", "next_step_suggested"})
"""Told by ``simulation.moves.conversations``, by a chance of its own: so other lives stay those of their seeds."""
ALL_FACTS = tuple(name for name in FACTS if name not in _OF_THEIR_OWN)
