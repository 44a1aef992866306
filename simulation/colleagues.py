"""The same life with and without what one contact did: what goes out to the others must be the same."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import NamedTuple, TypeAlias

from dealwright.deal import Contact, Deal
from dealwright.decision import Received
from dealwright.effects import CreateTask, Effect, Outcome, SendEmail
from dealwright.playbook.loading import load_playbook
from dealwright.playbook.source.bundle import bundle_hash
from simulation.playbook_library import PlaybookLibrary
from simulation.simulated_deal import SimulatedDeal

Payload: TypeAlias = dict[str, object]

COLLEAGUE = "ben"
"""Whose doings are left out of one of the two lives."""
_BEGIN = datetime(2026, 3, 2, 10, tzinfo=UTC)
_LASTS = timedelta(days=60)
_ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", None)
_ABOUT = re.compile(r"About (\w+)")
_SENTIMENTS = ("interested", "not_interested", "other", "out_of_office")


class Happening(NamedTuple):
    """Something that a contact does, or (for nobody) that happens to the deal."""

    at: datetime
    whose: str | None
    name: str
    payload: Payload


class Touch(NamedTuple):
    """What somebody other than the colleague got, or is asked of."""

    at: datetime
    whom: str
    what: str
    details: str


@dataclass
class SteadyOutcomes:
    """What becomes of effects, by chance, but the same for what goes to one person whatever goes to another one."""

    seed: int

    def __post_init__(self) -> None:
        self._before: Counter[str] = Counter()

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:
        """How long an effect takes, and what becomes of it."""
        whom = effect.to.id if isinstance(effect, SendEmail) else effect.id
        self._before[whom] += 1
        random = Random(f"{self.seed} {whom} {self._before[whom]}")
        status, until = "done", None
        if isinstance(effect, SendEmail) and random.random() < 0.2:
            status = random.choice(("not_done", "deferred", "skipped", "uncertain"))
            until = now + timedelta(hours=random.randint(1, 50)) if status == "deferred" else None
        after = timedelta(minutes=random.randint(0, 30))
        return after, Outcome(effect=effect.id, kind=effect.kind, status=status, reason="chance", until=until)

    def can_be_withdrawn(self, effect: Effect) -> bool:
        """Whether an effect under way can still be called off."""
        return True


def differences(seed: int) -> list[str]:
    """What went out to others than the colleague in only one of the two lives."""
    happenings = [*_happenings(seed)]
    together = set(_to_others(_live(seed, happenings)))
    alone = set(_to_others(_live(seed, [one for one in happenings if one.whose != COLLEAGUE])))
    return [
        *(f"only with what {COLLEAGUE} did: {touch}" for touch in sorted(together - alone)),
        *(f"only without it: {touch}" for touch in sorted(alone - together)),
    ]


def touches(seed: int) -> list[Touch]:
    """What went out to others than the colleague in the life with all that happened."""
    return _to_others(_live(seed, [*_happenings(seed)]))


@cache
def _library() -> PlaybookLibrary:
    text = files("simulation").joinpath("committee.yaml").read_text("utf-8")
    playbook = load_playbook(text)
    return PlaybookLibrary({playbook.playbook: (bundle_hash({"playbook.yaml": text}), playbook)})


def _deal(seed: int) -> Deal:
    random = Random(f"deal {seed}")
    people = [("ana", "champion"), (COLLEAGUE, "economic buyer"), ("cat", "sponsor"), ("dan", None)]
    random.shuffle(people)
    contacts = tuple(
        Contact(id=id_, name=id_.title(), email=f"{id_}@buyer.example", role=role, timezone=random.choice(_ZONES))
        for id_, role in people
    )
    return Deal(id=f"deal-{seed}", contacts=contacts)


def _happenings(seed: int) -> Iterator[Happening]:
    """All that happens in a life, in order."""
    random = Random(f"happenings {seed}")
    found = []
    for number in range(random.randint(8, 25)):
        at = _BEGIN + timedelta(minutes=random.randint(1, int(_LASTS.total_seconds() / 60)))
        whose = random.choice((COLLEAGUE, COLLEAGUE, COLLEAGUE, "ana", "cat", None))
        name, payload = _of_the_deal(random, at) if whose is None else _of(random, whose, at, number)
        found.append(Happening(at, whose, name, payload))
    yield from sorted(found, key=lambda one: one.at)


def _of(random: Random, whose: str, at: datetime, number: int) -> tuple[str, Payload]:
    name = random.choices(
        ("reply_received", "opted_out", "email_bounced", "contacts_learned", "do_task"), (8, 1, 2, 3, 4)
    )[0]
    match name:
        case "reply_received":
            sentiment = random.choice(_SENTIMENTS)
            said: Payload = {"contact": whose, "sentiment": sentiment}
            if sentiment == "out_of_office":
                return name, {**said, "returns_on": (at + timedelta(days=random.randint(1, 9))).date().isoformat()}
            return name, {**said, "message_id": f"<{number}@buyer.example>"} if random.random() < 0.6 else said
        case "opted_out":
            by_id: Payload = {"contact": whose}
            return name, by_id if random.random() < 0.5 else {"address": f"{whose}@buyer.example"}
        case "email_bounced":
            return name, {"contact": whose, "kind": random.choice(("hard", "soft"))}
        case "contacts_learned":
            part: Payload = {"id": whose, "name": whose.title(), "role": random.choice(("sponsor", "champion", "user"))}
            part |= random.choice(
                ({}, {"email": f"{whose}{number}@buyer.example"}, {"timezone": random.choice(_ZONES[:3])})
            )
            return name, {"contacts": [part]}
    return name, {}


def _of_the_deal(random: Random, at: datetime) -> tuple[str, Payload]:
    name = random.choice(("buying_signal_seen", "demo_booked", "demo_cancelled", "note_added"))
    if name == "demo_booked":
        return name, {"starts_at": (at + timedelta(hours=random.randint(20, 200))).isoformat(), "demo": "the-demo"}
    if name == "note_added":
        return name, {"text": "so it is"}
    return name, {"signal": "pricing"} if name == "buying_signal_seen" else {}


def _live(seed: int, happenings: list[Happening]) -> SimulatedDeal:
    deal = SimulatedDeal(_deal(seed), "committee", _library(), _BEGIN, SteadyOutcomes(seed))
    for one in happenings:
        _go_on(deal, one.at)
        deal.receive([*_received(deal, one)])
        deal.decide_if_due()
    _go_on(deal, _BEGIN + _LASTS)
    return deal


def _go_on(deal: SimulatedDeal, to: datetime) -> None:
    while deal.next_at <= to:
        deal.advance(max(deal.next_at, deal.now))
        deal.decide_if_due()
    deal.advance(to)


def _received(deal: SimulatedDeal, one: Happening) -> Iterator[Received]:
    if one.name != "do_task":
        yield Received(kind="fact", name=one.name, at=one.at, payload=json.dumps(one.payload))
        return
    for task in [task for task in deal.state.tasks.values() if task.contact == one.whose]:
        done = json.dumps({"by": "rep", "task": task.id})
        yield Received(kind="command", name="complete_task", id=f"{one.at} {task.id}", at=one.at, payload=done)


def _to_others(deal: SimulatedDeal) -> list[Touch]:
    return [touch for touch in _touches(deal) if touch.whom != COLLEAGUE]


def _touches(deal: SimulatedDeal) -> Iterator[Touch]:
    """What anybody got; ids of effects are told by what they sent, since their numbers may differ."""
    effects = {effect.id: effect for made in deal.decisions for effect in made.decision.effects}
    sent = {id_: f"{one.template} {one.to.email}" for id_, one in effects.items() if isinstance(one, SendEmail)}
    for made in deal.decisions:
        for effect in made.decision.effects:
            if isinstance(effect, SendEmail):
                thread = sent.get(effect.reply_to_effect or ""), effect.reply_to_message_id
                details = f"{effect.to} until {effect.not_after} in {thread}, {effect.caps}"
                yield Touch(made.now, effect.to.id, effect.template, details)
            elif isinstance(effect, CreateTask) and (about := _ABOUT.match(effect.detail or "")):
                yield Touch(made.now, about[1].lower(), effect.title, f"due {effect.due_at}: {effect.detail}")
