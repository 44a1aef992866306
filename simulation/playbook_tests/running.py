"""A deal that lives what a test tells: on a virtual clock, its effects done at once, as planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.decide import EndlessPlaybook
from dealwright.decision import Received
from dealwright.diagnostics.diagnostic import Place
from dealwright.effects import Effect, Outcome
from dealwright.playbook.language.model import Playbook
from dealwright.validation.opening import admit
from simulation.choices import as_planned
from simulation.playbook_library import PlaybookLibrary
from simulation.playbook_tests.language import Occasion
from simulation.playbook_tests.opening import as_opened, opens_at
from simulation.playbook_tests.points import Clock
from simulation.playbook_tests.told import Told
from simulation.simulated_deal import SimulatedDeal
from simulation.timeline.happening import Happening
from simulation.timeline.telling import Teller

_FOLLOWED = Span.parse("365d")
"""How long after the last time that a test names its deal is followed."""
_MOST_DECISIONS = 5000
"""Of one deal: a playbook that needs more goes round in a circle."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What a test tells, and the deal did not take."""

    place: Place
    """Where it stands in the test."""
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Lived:
    """What became of a test's deal."""

    happenings: tuple[Happening, ...]
    begins: int
    """The number of the first entry that counts: before it, the deal was brought to where the test begins."""
    opened_at: datetime
    last_at: datetime
    """The last point in time under ``when``, from which delays under ``then`` count."""
    ended_at: datetime
    """Until when the deal was followed."""
    refused: tuple[Refused, ...] = ()
    circle: str | None = None
    """Where the playbook's plays start each other without end."""

    @property
    def counted(self) -> tuple[Happening, ...]:
        """What happened from where the test begins."""
        return tuple(one for one in self.happenings if one.number >= self.begins)


class AsPlanned:
    """Effects are done at once, as planned."""

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:
        """No time, and done."""
        return timedelta(), as_planned(effect)

    def can_be_withdrawn(self, effect: Effect) -> bool:
        """Nothing is under way for long."""
        return True


def live(test: Occasion, playbook: Playbook) -> Lived:
    """Live a test's deal, until it is over or its time has passed."""
    try:
        living = _Living(test, playbook)
    except EndlessPlaybook as error:
        opened_at = opens_at(test.given, Clock(playbook.calendar))
        return Lived((), 0, opened_at, opened_at, opened_at, circle=str(error))
    return living.lived()


class _Living:
    def __init__(self, test: Occasion, playbook: Playbook) -> None:
        self.test, self.playbook = test, playbook
        self.clock = Clock(playbook.calendar)
        self.opened_at = opens_at(test.given, self.clock)
        self.refused: list[Refused] = []
        self.circle: str | None = None
        self.begins = 0
        self.last_at = self.opened_at
        self._serial = 0
        deal = admit(as_opened(test.given, playbook, self.opened_at))
        library = PlaybookLibrary({playbook.playbook: (playbook.playbook, playbook)})
        self.deal = SimulatedDeal(deal, playbook.playbook, library, self.opened_at, AsPlanned())

    def lived(self) -> Lived:
        try:
            self._settle()
            self._begin()
            for what in self.test.when:
                self.last_at = max(self.clock.moment(what.at, self.last_at), self.last_at)
                self._pass_time(self.last_at)
                for told in what.told:
                    self._tell(told)
            self._pass_time(self._end())
        except EndlessPlaybook as error:
            self.circle = str(error)
        return Lived(
            tuple(self._happenings()), self.begins, self.opened_at, self.last_at, self.deal.now, tuple(self.refused),
            self.circle,
        )  # fmt: skip

    def _begin(self) -> None:
        """Bring the deal to where the test begins."""
        for told in self.test.given.facts:
            self._tell(told)
        stage = self.test.given.stage
        if stage is None:
            return
        if self.deal.state.stage != stage and not self.deal.state.finished:
            self._tell(Told("move_to_stage", {"stage": stage}, ("given", "in")))
        entered = (one for one in reversed(self.deal.entries) if isinstance(one, e.StageEntered))
        self.begins = next((one.number or 0 for one in entered if one.stage == stage), 0)

    def _end(self) -> datetime:
        """Until when the deal is followed."""
        if self.test.until is not None:
            return self.clock.end(self.test.until, self.last_at)
        points = [point for expected in self.test.expected for point in expected.points()]
        latest = max([self.last_at, *(self.clock.end(point, self.last_at) for point in points)])
        return self.clock.calendar.add(latest, _FOLLOWED)

    def _pass_time(self, to: datetime) -> None:
        deal = self.deal
        while not deal.state.finished and deal.next_at <= to:
            deal.advance(deal.next_at)
            self._settle()
        if not deal.state.finished:
            deal.advance(to)

    def _settle(self) -> None:
        deal = self.deal
        deal.decide_if_due()
        if (not deal.state.finished and deal.wake_at <= deal.now) or len(deal.decisions) > _MOST_DECISIONS:
            raise EndlessPlaybook(EndlessPlaybook.__doc__)

    def _tell(self, told: Told) -> None:
        self._serial += 1
        deal = self.deal
        if deal.state.finished:
            deal.advance(self.last_at)
        received = told.received(deal.state, deal.now, self.clock, self._serial)
        before = len(deal.entries)
        deal.receive([received])
        self._settle()
        deal.decide_after_the_end()
        if (why := self._why_refused(received, before)) is not None:
            self.refused.append(Refused(told.place, told.name, why))

    def _why_refused(self, received: Received, before: int) -> str | None:
        verdicts = (made.decision.verdicts.get(received.id or "") for made in reversed(self.deal.decisions))
        verdict = next((one for one in verdicts if one is not None), None)
        if verdict is not None:
            return None if verdict.accepted else verdict.text
        refused = (one for one in self.deal.entries[before:] if isinstance(one, e.FactRefused))
        return next((one.error for one in refused if one.fact == received.name), None)

    def _happenings(self) -> list[Happening]:
        effects = {effect.id: effect for made in self.deal.decisions for effect in made.decision.effects}
        teller = Teller(self.playbook)
        told = (teller.tell(entry, effects) for entry in self.deal.entries)
        return [one for one in told if one is not None]
