"""One random life: the same for the same seed, from its opening to its end or three years on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from dealwright.decision import Received
from dealwright.dedup import KEPT_FOR
from dealwright.effects import Effect, Outcome
from simulation import orders
from simulation.people import any_deal, opening_time
from simulation.simulation import Simulation, Witness
from simulation.steering import Course, Destiny
from simulation.tellings import ALL_FACTS, Scene, broken, fact, told_again
from simulation.world import World, world

LONGEST = timedelta(days=3 * 365)
MOST_LOOKS = 250
_MOST_TOLD = 400


@dataclass
class Life:
    """A life that was lived."""

    seed: int
    destiny: Destiny
    simulation: Simulation


class Luck:
    """What becomes of effects: mostly what was planned, at once or a little later."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._luck = random.choice((0.99, 0.9, 0.8))

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:
        """How long an effect takes, and what becomes of it."""
        random = self._random
        after = timedelta() if random.random() < 0.5 else timedelta(seconds=random.expovariate(1 / 200))
        if random.random() < self._luck:
            return after, Outcome(effect=effect.id, kind=effect.kind, status="done")
        status = random.choice(("not_done", "not_done", "deferred", "deferred", "skipped", "failed", "uncertain"))
        until = now + timedelta(hours=random.uniform(-1, 100)) if status == "deferred" else None
        return after, Outcome(
            effect=effect.id, kind=effect.kind, status=status, reason=f"bad luck: {status}", until=until
        )

    def caught(self, effect: Effect) -> bool:
        """Whether an effect under way can still be called off."""
        return self._random.random() < 0.7


def live(seed: int, witness: Witness | None = None, of: World | None = None) -> Life:
    """Live the life of that seed."""
    random = Random(seed)
    course, now = Course(random), opening_time(random)
    where = of or world()
    roles = tuple(where.offers[course.playbook][1].roles)
    deal = any_deal(random, f"life-{seed}", roles, reached=course.is_reached)
    simulation = Simulation(deal, course.playbook, where, now, Luck(random), witness)
    _Telling(random, course, simulation).go_on()
    return Life(seed, course.destiny, simulation)


class _Telling:
    """Tells a deal what happens, until it is over."""

    def __init__(self, random: Random, course: Course, simulation: Simulation) -> None:
        self._random, self._course, self._deal = random, course, simulation
        self._ends_at = simulation.now + LONGEST
        self._told: list[Received] = []
        self._late = random.random() < 0.15
        """Whether the worker is away for a while now and then."""
        self._next_news = self._next_chore = simulation.now

    def go_on(self) -> None:
        deal = self._deal
        self._next_news = self._soon()
        while not deal.state.finished and deal.now < self._ends_at and len(deal.looks) < MOST_LOOKS:
            chore = self._next_chore if self._asks_for_something() else self._ends_at
            soonest = min(self._next_news, max(chore, deal.now))
            if soonest > deal.next_at or len(self._told) > _MOST_TOLD:
                deal.advance(self._perhaps_late(deal.next_at))
            elif soonest == self._next_news:
                deal.advance(soonest)
                self._tell()
                self._next_news = self._soon()
            else:
                deal.advance(soonest)
                self._do_a_chore()
            deal.look()

    def _soon(self) -> datetime:
        return self._deal.now + timedelta(hours=self._course.hours_until_next(self._deal.state.stage or ""))

    def _asks_for_something(self) -> bool:
        state = self._deal.state
        return bool(state.tasks or state.approvals or state.handoffs)

    def _do_a_chore(self) -> None:
        """People do what they are asked for, sooner or later."""
        scene, serial = Scene(self._random, self._deal.now, self._deal.state), len(self._told)
        answer = self._random.choice((orders.do_task, orders.do_task, orders.answer_handoff, orders.answer_approval))
        if (item := answer(scene, serial)) is not None:
            self._told.append(item)
            self._deal.tell([item])
        self._next_chore = self._deal.now + timedelta(hours=self._course.hours_until_chore())

    def _perhaps_late(self, at: datetime) -> datetime:
        if self._late and self._random.random() < 0.1:
            return at + timedelta(hours=self._random.expovariate(1 / 30))
        return at

    def _tell(self) -> None:
        """Mostly one thing, sometimes several at one moment, decided together or one by one."""
        count = self._random.choice((2, 3, 4)) if self._random.random() < 0.1 else 1
        together = self._random.random() < 0.5
        for _ in range(count):
            if (item := self._make_up()) is None:
                continue
            self._deal.tell([item])
            if not together:
                self._deal.look()

    def _make_up(self) -> Received | None:
        state = self._deal.state
        contract = state.deal.contract if state.deal else None
        ends_on = contract.ends_on if contract else None
        days_left = (ends_on - self._deal.now.date()).days if ends_on else None
        what = self._course.what_next(state.stage or "", state.term, days_left)
        if what == "again":
            return self._again()
        item = self._something(what, Scene(self._random, self._deal.now, state), len(self._told))
        if item is not None:
            self._told.append(item)
        return item

    def _something(self, what: str, scene: Scene, serial: int) -> Received | None:
        match what:
            case "do_task":
                return orders.do_task(scene, serial)
            case "answer_handoff":
                return orders.answer_handoff(scene, serial)
            case "answer_approval":
                return orders.answer_approval(scene, serial)
            case "override":
                return orders.override(scene, serial)
            case "broken":
                return broken(scene, serial)
            case "interested":
                return fact(scene, "reply_received", serial, sentiment="interested")
            case "any_fact":
                return fact(scene, self._random.choice(ALL_FACTS), serial)
        if what.startswith("close as "):
            return orders.close(scene, serial, what.removeprefix("close as "))
        return fact(scene, what, serial)

    def _again(self) -> Received | None:
        """Something that was told before, as a source delivers it again."""
        lately = [item for item in self._told[-20:] if self._deal.now - item.at < KEPT_FOR - timedelta(days=2)]
        if not lately:
            return None
        item = self._random.choice(lately)
        if item.kind == "fact" and self._random.random() < 0.3:
            return told_again(item, self._deal.state.entries, self._deal.now)
        return item.model_copy(update={"at": self._deal.now})
