"""One short life: a deal is opened, moves come one after another, then it goes on alone for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from dealwright.deal import Deal
from dealwright.effects import Effect, Outcome
from simulation.choices import as_planned
from simulation.playbook_library import PlaybookLibrary
from simulation.proving.moves import Move
from simulation.simulated_deal import SimulatedDeal

MOST_DECISIONS = 150
"""In a life that is told again; a playbook that needs more goes round in a circle."""
_AT_ONE_MOMENT = 20


@dataclass(frozen=True)
class Opening:
    """How a life begins."""

    at: datetime
    deal: Deal


@dataclass(frozen=True)
class Life:
    """All that makes a life: lived again, it is the same."""

    opening: Opening
    moves: tuple[Move, ...]
    rest: timedelta
    """How long it goes on alone after the last move."""


class Told(NamedTuple):
    """A move as it came."""

    at: datetime
    move: Move
    after_entry: int
    """How many entries the story had."""


class Moves(Protocol):
    """Where moves come from: drawn, or kept."""

    def next(self, deal: SimulatedDeal) -> Move | None:
        """What happens next; None when nothing does any more."""


class AsPlanned:
    """Effects are done at once, as planned."""

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:
        """No time, and done."""
        return timedelta(), as_planned(effect)

    def can_be_withdrawn(self, effect: Effect) -> bool:
        """Nothing is under way for long."""
        return True


class Living:
    """A deal that lives by moves."""

    def __init__(self, opening: Opening, playbook: str, library: PlaybookLibrary, most_decisions: int) -> None:
        self.deal = SimulatedDeal(opening.deal, playbook, library, opening.at, AsPlanned())
        self.told: list[Told] = []
        self.came = 0
        """So many moves came; a life that runs out of decisions ends before the one that was on its way."""
        self._most = most_decisions
        self._serial = 0
        self.deal.decide_if_due()

    def go(self, moves: Moves) -> None:
        """Live until the moves, the decisions or the deal end."""
        while self._goes_on() and (move := moves.next(self.deal)) is not None:
            self._pass_time(self.deal.now + move.after)
            if self._goes_on():
                self.came += 1
                self._tell(move)

    def rest(self, time: timedelta, decisions: int = 0) -> None:
        """Let the deal go on alone, with so many decisions more."""
        self._most += decisions
        self._pass_time(self.deal.now + time)

    def _goes_on(self) -> bool:
        return not self.deal.state.finished and len(self.deal.decisions) < self._most

    def _pass_time(self, to: datetime) -> None:
        deal = self.deal
        while self._goes_on() and deal.next_at <= to:
            deal.advance(deal.next_at)
            deal.decide_if_due()
        if self._goes_on():
            deal.advance(to)

    def _tell(self, move: Move) -> None:
        self._serial += 1
        received = move.action.received(self.deal.state, self.deal.now, self._serial)
        if received is None:
            return
        self.told.append(Told(self.deal.now, move, len(self.deal.entries)))
        self.deal.receive([received])
        self.deal.decide_if_due()


class _Kept:
    def __init__(self, moves: tuple[Move, ...]) -> None:
        self._moves = iter(moves)

    def next(self, deal: SimulatedDeal) -> Move | None:
        return next(self._moves, None)


def live(life: Life, playbook: str, library: PlaybookLibrary) -> Living:
    """Live a life again."""
    living = Living(life.opening, playbook, library, MOST_DECISIONS)
    living.go(_Kept(life.moves))
    living.rest(life.rest)
    return living
