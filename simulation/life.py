"""One random life: the same for the same seed, from its opening to its end or three years on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, Protocol

from dealwright.decision import Received
from dealwright.dedup import KEPT_FOR
from dealwright.effects import ChangeSubscription, Effect, Outcome, WithdrawDocument
from simulation.choices import as_planned
from simulation.moves import commands
from simulation.moves.conversations import recorder_of
from simulation.moves.deals import any_deal, opening_time
from simulation.moves.facts import ALL_FACTS, broken, fact, redelivered
from simulation.moves.giving_up import gives_up_in
from simulation.moves.other_tools import BY_TOOLS, OtherTools, with_phones
from simulation.moves.reopening import GoesOn, goes_on_in
from simulation.moves.second_thoughts import thinks_again_in
from simulation.moves.situation import Situation
from simulation.playbook_library import PlaybookLibrary, library
from simulation.scenarios import DEFAULT, Course, Scenario
from simulation.simulated_deal import Observer, SimulatedDeal

LONGEST = timedelta(days=3 * 365)
MOST_DECISIONS = 250
_MOST_TOLD = 400
_MEANWHILE = 0.4
"""How often something is told while what a tool is to do is on its way."""
_BY_HAND_ALONE = 0.4
"""How often a billing tool changes no subscription by its API."""


@dataclass
class Life:
    """A life that was lived."""

    seed: int
    scenario: Scenario
    simulation: SimulatedDeal


class RandomOutcomes:
    """What becomes of effects: mostly what was planned, at once or a little later."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._luck = random.choice((0.99, 0.9, 0.8))

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:
        """How long an effect takes, and what becomes of it."""
        random = self._random
        after = timedelta() if random.random() < 0.5 else timedelta(seconds=random.expovariate(1 / 200))
        is_lucky = random.random() < self._luck
        if isinstance(effect, ChangeSubscription) and Random(effect.id).random() < _BY_HAND_ALONE:
            refused = Outcome(effect=effect.id, kind=effect.kind, status="failed", reason="people do that by hand")
            return after, refused
        if is_lucky:
            return after, as_planned(effect)
        status = random.choice(("not_done", "not_done", "deferred", "deferred", "skipped", "failed", "uncertain"))
        if status == "skipped" and isinstance(effect, WithdrawDocument):
            status = Random(effect.id).choice(("failed", "uncertain"))  # nothing makes anybody pass over it
        until = now + timedelta(hours=random.uniform(-1, 100)) if status == "deferred" else None
        return after, Outcome(
            effect=effect.id, kind=effect.kind, status=status, reason=f"bad luck: {status}", until=until
        )

    def can_be_withdrawn(self, effect: Effect) -> bool:
        """Whether an effect under way can still be called off."""
        return self._random.random() < 0.7


class Teller(Protocol):
    """Somebody who tells a deal things by a chance of their own: so all else in a life stays as its seed has it."""

    def says_next(self, situation: Situation, serial: int) -> Received | None:
        """What they tell next; None for nothing."""


class Interruption(NamedTuple):
    """Something that is done to a deal in the midst of its life."""

    after: timedelta
    """So long after the opening."""
    act: Callable[[SimulatedDeal], None]
    lives_on: timedelta
    """So long the deal lives after it, at the most."""


def live(
    seed: int,
    observer: Observer | None = None,
    of: PlaybookLibrary | None = None,
    interruption: Interruption | None = None,
) -> Life:
    """Live the life of that seed."""
    random = Random(seed)
    course, now = Course(random, seed), opening_time(random)
    where = of or library()
    playbook = course.playbook if course.playbook in where.offers else DEFAULT
    rules = where.offers[playbook][1]
    deal = any_deal(random, f"life-{seed}", tuple(rules.roles), reached=course.is_reached)
    if deal.source is not None and rules.sources and deal.source not in rules.sources:
        deal = deal.model_copy(update={"source": sorted(rules.sources)[seed % len(rules.sources)]})
    tellers: list[Teller] = []
    if course.is_reached and (recorder := recorder_of(seed)) is not None:
        tellers.append(recorder)
    if course.scenario == "odd" and (somebody := gives_up_in(seed)) is not None:
        tellers.append(somebody)
    if (doubter := thinks_again_in(seed)) is not None:
        tellers.append(doubter)
    if course.scenario == "tools":
        deal = with_phones(random, deal)
        tellers.append(OtherTools(Random(f"other tools, {seed}")))
    simulation = SimulatedDeal(deal, playbook, where, now, RandomOutcomes(random), observer)
    _Driver(random, course, simulation, interruption, tellers, goes_on_in(seed)).go_on()
    return Life(seed, course.scenario, simulation)


class _Driver:
    """Tells a deal what happens, until it is over."""

    def __init__(
        self,
        random: Random,
        course: Course,
        simulation: SimulatedDeal,
        interruption: Interruption | None,
        tellers: list[Teller],
        reopens: GoesOn | None = None,
    ) -> None:
        self._tellers, self._reopens = tellers, reopens
        self._random, self._course, self._deal = random, course, simulation
        self._ends_at = simulation.now + LONGEST
        self._interruption, self._opened_at = interruption, simulation.now
        self._sent: list[Received] = []
        self._late = random.random() < 0.15
        """Whether the worker is away for a while now and then."""
        self._next_fact_at = self._next_answer = simulation.now

    def go_on(self) -> None:
        deal = self._deal
        self._next_fact_at = self._time_of_next_fact()
        while self._is_open() and deal.now < self._ends_at and len(deal.decisions) < MOST_DECISIONS:
            answer_at = self._next_answer if self._waits_for_people() else self._ends_at
            soonest = min(self._next_fact_at, max(answer_at, deal.now))
            if soonest > deal.next_at or len(self._sent) > _MOST_TOLD:
                deal.advance(self._perhaps_late(deal.next_at))
            elif soonest == self._next_fact_at:
                deal.advance(soonest)
                self._send()
                self._next_fact_at = self._time_of_next_fact()
            else:
                deal.advance(soonest)
                self._answer_a_request()
            deal.decide_if_due()
            self._perhaps_meanwhile()
            self._interrupt()

    def _is_open(self) -> bool:
        """Whether the deal goes on, be it after its end."""
        deal = self._deal
        while deal.state.finished and self._reopens is not None:
            over_until = deal.now + self._reopens.after()
            while deal.under_way and deal.next_at <= over_until:
                deal.advance(deal.next_at)
                deal.decide_after_the_end()
            deal.advance(over_until)
            item = self._reopens.says(Situation(self._random, deal.now, deal.state), len(self._sent))
            if item is None:
                break
            self._sent.append(item)
            deal.receive([item])
            deal.decide_after_the_end()
            self._next_fact_at = self._time_of_next_fact()
        return not deal.state.finished

    def _perhaps_meanwhile(self) -> None:
        """Of deals that tools work on, something is told soon now and then, while what they are to do is on its way."""
        deal = self._deal
        if self._course.scenario != "tools" or self._random.random() > _MEANWHILE:
            return
        if any(one.effect.kind in BY_TOOLS for one in deal.under_way.values()):
            soon = deal.now + timedelta(seconds=self._random.expovariate(1 / 100))
            self._next_fact_at = min(self._next_fact_at, soon)

    def _interrupt(self) -> None:
        deal, it = self._deal, self._interruption
        if it is not None and deal.now >= self._opened_at + it.after and not deal.state.finished:
            self._interruption, self._ends_at = None, deal.now + it.lives_on
            it.act(deal)
            deal.decide_if_due()

    def _time_of_next_fact(self) -> datetime:
        return self._deal.now + timedelta(hours=self._course.hours_until_next(self._deal.state.stage or ""))

    def _waits_for_people(self) -> bool:
        state = self._deal.state
        return bool(state.tasks or state.approvals or state.handoffs)

    def _answer_a_request(self) -> None:
        """People do what they are asked for, sooner or later."""
        situation, serial = Situation(self._random, self._deal.now, self._deal.state), len(self._sent)
        answer = self._random.choice(
            (commands.do_task, commands.do_task, commands.answer_handoff, commands.answer_approval)
        )
        if (item := answer(situation, serial)) is not None:
            self._sent.append(item)
            self._deal.receive([item])
        self._next_answer = self._deal.now + timedelta(hours=self._course.hours_until_answer())

    def _perhaps_late(self, at: datetime) -> datetime:
        if self._late and self._random.random() < 0.1:
            return at + timedelta(hours=self._random.expovariate(1 / 30))
        return at

    def _send(self) -> None:
        """Mostly one thing, sometimes several at one moment, decided together or one by one."""
        count = self._random.choice((2, 3, 4)) if self._random.random() < 0.1 else 1
        together = self._random.random() < 0.5
        for _ in range(count):
            if (item := self._next_move()) is None:
                continue
            self._deal.receive([item])
            if not together:
                self._deal.decide_if_due()
        for teller in self._tellers:
            self._let_tell(teller)

    def _let_tell(self, teller: Teller) -> None:
        """Let somebody tell what they have a chance of their own for, as long as the deal goes on."""
        if self._deal.state.finished:
            return
        situation = Situation(self._random, self._deal.now, self._deal.state)
        if (item := teller.says_next(situation, len(self._sent))) is not None:
            self._sent.append(item)
            self._deal.receive([item])

    def _next_move(self) -> Received | None:
        state = self._deal.state
        contract = state.deal.contract if state.deal else None
        ends_on = contract.ends_on if contract else None
        days_left = (ends_on - self._deal.now.date()).days if ends_on else None
        what = self._course.what_next(state.stage or "", state.term, days_left)
        if what == "again":
            return self._redelivery()
        item = self._move(what, Situation(self._random, self._deal.now, state), len(self._sent))
        if item is not None:
            self._sent.append(item)
        return item

    def _move(self, what: str, situation: Situation, serial: int) -> Received | None:
        match what:
            case "do_task":
                return commands.do_task(situation, serial)
            case "answer_handoff":
                return commands.answer_handoff(situation, serial)
            case "answer_approval":
                return commands.answer_approval(situation, serial)
            case "override":
                return commands.override(situation, serial)
            case "broken":
                return broken(situation, serial)
            case "interested":
                return fact(situation, "reply_received", serial, sentiment="interested")
            case "nobody_answers":
                return fact(situation, "call_logged", serial, result=self._random.choice(("voicemail", "no_answer")))
            case "any_fact":
                return fact(situation, self._random.choice(ALL_FACTS), serial)
        if what.startswith("close as "):
            return commands.close(situation, serial, what.removeprefix("close as "))
        return fact(situation, what, serial)

    def _redelivery(self) -> Received | None:
        """Something that was told before, as a source delivers it again."""
        lately = [item for item in self._sent[-20:] if self._deal.now - item.at < KEPT_FOR - timedelta(days=2)]
        if not lately:
            return None
        item = self._random.choice(lately)
        if item.kind == "fact" and self._random.random() < 0.3:
            return redelivered(item, self._deal.state.entries, self._deal.now)
        return item.model_copy(update={"at": self._deal.now})
