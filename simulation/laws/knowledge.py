"""Law 2: facts count by when they happened. The examiner reads the payloads again, in that order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from dealwright import entries as e
from dealwright.deal import Deal, Known, Money
from dealwright.qualification import Qualification
from simulation.laws.offers import Offers
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

Payload: TypeAlias = dict[str, object]
_ONE_VALUE = {
    "usage_reported": ("health", "health"), "lead_qualified": ("score", "score"),
    "account_researched": ("score", "score"), "crm_properties_changed": ("amount", "amount"),
    "proposal_sent": ("amount", "amount"), "contract_signed": ("value", "amount"),
    "contract_renewed": ("value", "amount"),
}  # fmt: skip
"""The facts that teach one value: the field that says it, and what of the deal it is."""
_CANNOT_CLEAR = {"proposal_sent", "contract_signed", "contract_renewed"}
_ANSWERS = tuple(Qualification.model_fields)
_OF_CONTACTS = ("name", "email", "timezone", "country", "role")


class FactsCountByWhenTheyHappened(Check):
    """Each part of what is known is what the fact says that happened last, in whatever order they were told."""

    listens_to = ("deal_opened", "fact_taken", "person_recognised", "task_closed", "command_taken")

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, object]] = {}
        """By path: when what is known of it happened, and what it is."""
        self._without: dict[str, datetime] = {}
        """Contacts who were taken out, and when."""
        self._offered: set[tuple[datetime, object]] = set()
        """When a proposal said what the deal is worth, and what: it is worth what the one costs that it is about."""
        self._offers = Offers()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.DealOpened():
                for path, value in _parts(entry.deal).items():
                    self._known[path] = (entry.at, value)
            case e.FactTaken() if entry.no_news != "it was taken back":
                self._take_in(entry, replay.payload)
                self._offers.hear(entry, replay.memory.deal.proposal)
                if entry.fact == "reply_received":
                    self._hear_of_people(replay, entry)
            case e.PersonRecognised():
                for told in entry.told:
                    self._mind_who_leaves(told)
            case e.CommandTaken(command="amend", accepted=True):
                known = replay.payload["known"]
                self._amend(known if isinstance(known, dict) else {}, entry.at)
            case e.TaskClosed() if entry.learned is not None:
                self._learn_from_work(entry, entry.learned)
        yield from ()

    def _take_in(self, fact: e.FactTaken, payload: Payload) -> None:
        for path, value in _says(fact.fact, payload):
            self._learn(path, fact.happened_at, value)
            if fact.fact == "proposal_sent" and path == "amount":
                self._offered.add((fact.happened_at, value))

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if made.batch and replay.state.deal is not None:
            yield from self._compare(replay.state.deal)

    def _compare(self, deal: Deal) -> Iterator[str]:
        known = _parts(deal)
        for path in {*known, *self._known}:
            at, expected = self._known.get(path, (None, None))
            if path == "amount" and (at, expected) in self._offered and deal.proposal:
                expected = self._by_offer(deal, expected)
            if known.get(path) != expected:
                yield f"{path} is {known.get(path)!r}, and what was said last (at {at}) is {expected!r}"

    def _by_offer(self, deal: Deal, said_last: object) -> object:
        """What a deal is worth where a proposal said it last, which need not be the one that it is about."""
        if deal.proposal is None or deal.proposal.amount is None:  # what that one costs is not known
            return said_last
        by_proposal = _of_money(deal.proposal.amount)
        says = self._offers.say(deal.proposal) or by_proposal == _parts(deal)["amount"]
        return by_proposal if says else said_last

    def _learn(self, path: str, at: datetime, value: object) -> None:
        contact = path.rpartition(".")[0]
        known_at = self._known[path][0] if path in self._known else None
        latest = max(filter(None, (known_at, self._without.get(contact))), default=at)
        if at >= latest:
            self._known[path] = (at, value)

    def _learn_from_work(self, task: e.TaskClosed, learned: Known) -> None:
        """Take in what somebody noted down, or filled in, when they did a task."""
        for name in _ANSWERS if learned.qualification is not None else ():
            if f"qualification.{name}" in task.taught:
                self._learn(f"qualification.{name}", task.at, getattr(learned.qualification, name))
        for name, value in (learned.fields or {}).items():
            self._learn(f"fields.{name}", task.at, _plain(value))

    def _hear_of_people(self, replay: Replay, reply: e.FactTaken) -> None:
        """Take in whom a reply names, and who leaves the deal by it."""
        named = _dict(replay.payload.get("refers_to"))
        for field in _OF_CONTACTS if reply.refers_to is not None else ():
            value = named.get(field)
            if field == "name":
                known = getattr(replay.memory.contact(reply.refers_to), "name", None)
                value = value or known or named.get("email") or named.get("id")
            if value is not None:
                self._learn(f"contacts.{reply.refers_to}.{field}", reply.happened_at, value)
        self._mind_who_leaves(reply)

    def _mind_who_leaves(self, reply: e.FactTaken) -> None:
        """Take in that whoever wrote a reply is the wrong person, unless something newer is known of them."""
        contact = f"contacts.{reply.contact}"
        own = [path for path in self._known if path.startswith(f"{contact}.")]
        is_new = all(self._known[path][0] <= reply.happened_at for path in own)
        if reply.variant == "wrong_person" and own and is_new and reply.contact != reply.refers_to:
            self._without[contact] = max(reply.happened_at, self._without.get(contact, reply.happened_at))
            for path in own:
                del self._known[path]

    def _amend(self, known: Payload, at: datetime) -> None:
        for part in ("amount", "health", "score"):
            if part in known:
                self._learn(part, at, _plain(known[part]))
        for name, value in _dict(known.get("fields")).items():
            self._learn(f"fields.{name}", at, _plain(value))
        contacts = known.get("contacts")
        if isinstance(contacts, list):
            ids = {one["id"] for one in contacts}
            for path in [path for path in self._known if path.startswith("contacts.")]:
                contact = path.rpartition(".")[0]
                self._without[contact] = at
                if contact.removeprefix("contacts.") not in ids:
                    del self._known[path]
            for path, value in _says("contacts_learned", {"contacts": contacts}):
                self._learn(path, at, value)


def _says(fact: str, payload: Payload) -> Iterator[tuple[str, object]]:
    """What a fact says of the deal's parts, read from what came in; what it says nothing of is left out."""
    if fact in _ONE_VALUE:
        field, part = _ONE_VALUE[fact]
        value = payload.get(field)
        if field in payload and not (value is None and fact in _CANNOT_CLEAR):
            yield part, _plain(value)
    answers, contacts = payload.get("answers"), payload.get("contacts")
    if fact == "fields_learned":
        yield from ((f"fields.{name}", _plain(value)) for name, value in _dict(payload.get("fields")).items())
    if fact == "qualification_learned" and isinstance(answers, dict):
        for name, value in answers.items():
            if isinstance(value, dict):
                yield f"standing.{name}", (value["value"], value.get("status"), value.get("evidence"))
            yield f"qualification.{name}", value["value"] if isinstance(value, dict) else value
    if fact == "contacts_learned" and isinstance(contacts, list):
        for one in contacts:
            yield from ((f"contacts.{one['id']}.{name}", one[name]) for name in _OF_CONTACTS if name in one)


def _dict(value: object) -> Payload:
    return value if isinstance(value, dict) else {}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return f"{float(value['amount']):.6f} {value['currency']}"
    return float(value) if isinstance(value, int | float) else value


def _of_money(amount: Money) -> str:
    return f"{float(amount.amount):.6f} {amount.currency}"


def _parts(deal: Deal) -> Payload:
    """What a deal knows of the parts that are looked at, by path."""
    amount = None if deal.amount is None else _of_money(deal.amount)
    known: Payload = {"amount": amount, "health": deal.health, "score": deal.score}
    if deal.qualification is not None:
        known |= {f"qualification.{name}": getattr(deal.qualification, name) for name in _ANSWERS}
    for name, standing in (deal.standing or {}).items():
        known[f"standing.{name}"] = (standing.answer, standing.status, standing.evidence)
    known |= {f"fields.{name}": value for name, value in (deal.fields or {}).items()}
    for one in deal.contacts or ():
        known |= {f"contacts.{one.id}.{name}": getattr(one, name) for name in _OF_CONTACTS}
    return {path: value for path, value in known.items() if value is not None}


_ENDS = {
    "demo_held": (2, "held"), "demo_missed": (1, "missed"), "demo_cancelled": (1, "cancelled"),
    "meeting_held": (2, "held"), "discovery_held": (2, "held"), "meeting_missed": (1, "missed"),
    "meeting_cancelled": (1, "cancelled"), "proposal_accepted": (3, "accepted"), "proposal_declined": (3, "declined"),
    "proposal_expired": (2, "expired"), "proposal_withdrawn": (2, "withdrawn"),
}  # fmt: skip
_STILL_TO_COME = "it was moved, and is still to come"
_GUESSED = ("", "@")
"""How the keys of things begin that nobody named: which one a fact means is then a guess."""
_BEGINNINGS = {"demo_booked": "booked", "meeting_booked": "booked", "proposal_sent": "sent"}


class StatusesFollowTime(Check):
    """What became of a meeting, demo or proposal is what was told of it last since it began; none goes backwards."""

    listens_to = ("fact_taken", "command_taken")

    def __init__(self) -> None:
        self._sent: dict[str, list[tuple[datetime, int, str]]] = {}
        """By thing, the ends and beginnings that were told of it: when they happened, in which order they came."""
        self._unsure: set[str] = set()
        """Things that were corrected by hand, or of which something was taken back."""
        self._dated: dict[tuple[str, int], datetime] = {}
        """By thing and place in that order, the date that a cancellation named."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.CommandTaken):
            self._unsure |= {f"{thing}/{key}" for thing, key in entry.focus.items()}
        elif isinstance(entry, e.FactTaken) and entry.about is not None:
            if entry.retracts is not None:
                self._unsure.add(entry.about)
                return
            yield from _names_another(replay, entry)
            again = entry.fact == "proposal_sent" and entry.no_news == "known already"  # what is accepted went out once
            if (entry.fact in _ENDS or entry.fact in _BEGINNINGS) and entry.no_news != _STILL_TO_COME and not again:
                told = self._sent.setdefault(entry.about, [])
                if entry.fact.endswith("_cancelled") and (named := replay.payload.get("starts_at")) is not None:
                    self._dated[entry.about, len(told)] = datetime.fromisoformat(str(named))
                told.append((entry.happened_at, len(told), entry.fact))
                yield from self._judge(entry)

    def _judge(self, entry: e.FactTaken) -> Iterator[str]:
        kind, _, key = (entry.about or "").partition("/")
        things = getattr(entry.things, f"{kind}s") if entry.things is not None else {}
        told = sorted(self._sent[entry.about or ""])
        begins = [(at, place) for at, place, fact in told if fact in _BEGINNINGS]
        begun = max(begins, default=None)
        if key not in things or begun is None or entry.about in self._unsure or key[:1] in _GUESSED:
            return
        ends = [(*_ENDS[fact], at, place) for at, place, fact in told if fact in _ENDS and (at, place) > begun]
        starts = getattr(things[key], "starts_at", None) if len(begins) > 1 else None
        if starts is not None:  # it was moved: what called off another time says nothing of this one
            ends = [end for end in ends if self._dated.get((entry.about or "", end[3]), starts) == starts]
        still_to_come = [end for end in ends if starts is not None and end[1] == "missed" and end[2] < starts]
        sure = [end for end in ends if end not in still_to_come]
        if not sure:
            return
        # Of one that was cancelled and missed before its time, either may be said: it will not be.
        if things[key].status not in {_last_of_the_best(sure), _last_of_the_best(ends)}:
            yield f"{entry.about} is {things[key].status}, told of it were {told}"


def _last_of_the_best(ends: list[tuple[int, str, datetime, int]]) -> str:
    best = max(rank for rank, *_ in ends)
    return max((at, place, status) for rank, status, at, place in ends if rank == best)[2]


def _names_another(replay: Replay, entry: e.FactTaken) -> Iterator[str]:
    """A fact that names a thing which the deal knows is about that one."""
    kind, _, key = (entry.about or "").partition("/")
    named = replay.payload.get(kind) or replay.payload.get(f"{kind}_id")
    known: dict[str, Mapping[str, object]] = {
        "meeting": replay.memory.meetings,
        "demo": replay.memory.demos,
        "proposal": replay.memory.proposals,
    }
    if isinstance(named, str) and named in known.get(kind, ()) and named != key:
        yield f"{entry.sentence()!r} names {named}, and is taken as of {entry.about}"


class WhatIsTakenBackCountsNoMore(Check):
    """A fact that was taken back starts nothing any more, also where it comes in only afterwards."""

    listens_to = ("fact_taken", "play_started")

    def __init__(self) -> None:
        self._back: list[tuple[str, datetime, str | None]] = []
        """Which facts were taken back, until when, and about what."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken() if entry.retracts is not None:
                self._back.append((entry.retracts, entry.happened_at, entry.about))
            case e.FactTaken() if self._is_back(entry.fact, entry.happened_at, entry.about) and entry.no_news is None:
                yield f"{entry.sentence()!r} of {entry.happened_at} counts, though it was taken back"
            case e.PlayStarted() if entry.trigger is not None and entry.since_at is not None:
                if self._is_back(entry.trigger.partition(":")[0], entry.since_at, entry.about):
                    yield f"{entry.run} starts by {entry.trigger} of {entry.since_at}, which was taken back"

    def _is_back(self, fact: str, at: datetime, about: str | None) -> bool:
        return any(fact == name and at <= until and of in {None, about} for name, until, of in self._back)
