"""The part of the workflow around ``decide``, without Temporal: inbox, timer, effects under way, folding."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from dealwright import decide as core
from dealwright import dedup
from dealwright import entries as e
from dealwright.deal import Deal
from dealwright.decision import Decision, Received
from dealwright.effects import Effect, Outcome
from dealwright.fold import fold
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState
from simulation.playbook_library import PlaybookLibrary

Result = TypeVar("Result")
_MOST_AT_ONE_MOMENT = 20
"""Decisions at one moment after which a deal goes round in a circle; a check tells of it."""


class DecisionMade(NamedTuple):
    """One decision, with what it was made of."""

    now: datetime
    batch: tuple[Received, ...]
    woken: bool
    """Whether the wake time had come."""
    decision: Decision
    before: int
    """How many entries the story had."""


class Observer(Protocol):
    """Watches while a deal lives."""

    def decided(self, simulation: SimulatedDeal, made: DecisionMade, opened: e.DealOpened | None) -> None:
        """A decision was made; the simulation's state is still the one before it."""

    def waits(self, simulation: SimulatedDeal, received: Received) -> None:
        """A quiet fact came and waits in the inbox for the next decision."""


class EffectOutcomes(Protocol):
    """What becomes of effects."""

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:
        """How long an effect takes, and what becomes of it."""

    def can_be_withdrawn(self, effect: Effect) -> bool:
        """Whether an effect under way can still be called off."""


@dataclass
class UnderWay:
    """An effect that was started and has not come back."""

    effect: Effect
    outcome: Outcome


class SimulatedDeal:
    """One deal, from its opening on, at any speed."""

    def __init__(
        self,
        deal: Deal,
        playbook: str,
        library: PlaybookLibrary,
        now: datetime,
        outcomes: EffectOutcomes,
        observer: Observer | None = None,
    ) -> None:
        self.library, self.outcomes, self.observer = library, outcomes, observer
        self.state = DealState()
        self.entries: list[e.Entry] = []
        self.decisions: list[DecisionMade] = []
        self.taken: list[Received] = []
        """What was let into the inbox."""
        self.inbox: list[Received] = []
        self.under_way: dict[str, UnderWay] = {}
        self.now, self.wake_at = now, now
        self.quiet: tuple[str, ...] = ()
        self.core_seconds = 0.0
        """CPU time spent in ``decide`` and the fold."""
        self._seen = dedup.SeenIds()
        self._commands: set[str] = set()
        self._coming: list[tuple[datetime, int, str]] = []
        self._serial = 0
        bundle, self.playbook = library.offers[playbook]
        self._decide(e.DealOpened(at=now, deal=deal, playbook=playbook, bundle=bundle))

    # --- what reaches the deal ------------------------------------------------------------------------------

    def receive(self, facts: Sequence[Received]) -> None:
        """Let things arrive at one moment, known ones twice or not."""
        for received in facts:
            self._receive_one(received)

    def _receive_one(self, received: Received) -> None:
        if received.kind == "command":
            if received.id in self._commands:
                return
            self._commands.add(received.id or "")
        elif received.id is not None and not self._seen.is_new(f"{received.name}:{received.id}", self.now):
            return
        self.taken.append(received)
        if self.observer and received.name in self.quiet and not self.inbox:
            self.observer.waits(self, received)
        self.inbox.append(received)

    def decide_if_due(self) -> None:
        """Decide, if there is a reason to."""
        for _ in range(_MOST_AT_ONE_MOMENT):
            if self.state.finished or not (self.wake_at <= self.now or self._has_news()):
                return
            self._decide(None)

    def decide_after_the_end(self) -> None:
        """Decide on what came for a finished deal, as the run of its own does that takes it in."""
        if self.state.finished and self.inbox:
            self._decide(None)

    def _has_news(self) -> bool:
        return any(received.name not in self.quiet for received in self.inbox)

    # --- time -----------------------------------------------------------------------------------------------

    @property
    def next_at(self) -> datetime:
        """When something comes by itself: the wake time, or an outcome."""
        return min(self.wake_at, self._coming[0][0]) if self._coming else self.wake_at

    def advance(self, to: datetime) -> None:
        """Let time pass; outcomes come in on their way, the wake time only when it is looked."""
        while self._coming and self._coming[0][0] <= to:
            at, _, effect = heapq.heappop(self._coming)
            self.now = max(at, self.now)
            self._come_back(effect)
        self.now = max(to, self.now)

    def _come_back(self, effect_id: str) -> None:
        back = self.under_way.pop(effect_id, None)
        if back is None:
            return
        effect, outcome = back.effect, back.outcome
        if outcome.status == "done" and not effect.needs_decision:
            settled = e.EffectSettled(
                at=self.now, effect=effect.id, does=outcome.kind, status="done", reason=outcome.reason,
                reference=outcome.reference, label=effect.summary,
            )  # fmt: skip
            self._fold([settled])
            return
        item = Received(kind="outcome", name=effect.kind, at=self.now, outcome=outcome, effect=effect)
        self.inbox.append(item)

    # --- deciding and carrying out --------------------------------------------------------------------------

    def decided(self, batch: Sequence[Received], opened: e.DealOpened | None = None) -> Decision:
        """What would be decided now, without carrying it out."""
        return self.decided_in(self.state, self.playbook, batch, opened)

    def decided_in(
        self,
        state: DealState,
        playbook: Playbook,
        batch: Sequence[Received],
        opened: e.DealOpened | None = None,
        *,
        now: datetime | None = None,
    ) -> Decision:
        """What would be decided in another state, now or at another time."""
        return core.decide(state, playbook, batch, now or self.now, opened=opened, offers=self.library.adoptable)

    def _decide(self, opened: e.DealOpened | None) -> None:
        batch, woken = tuple(self.inbox), self.wake_at <= self.now
        decision = self._timed(lambda: self.decided(batch, opened))
        made = DecisionMade(self.now, batch, woken, decision, len(self.entries))
        if self.observer:
            self.observer.decided(self, made, opened)
        self.decisions.append(made)
        self.inbox.clear()
        self._fold(decision.entries)
        self.playbook = self.library.playbook(self.state.bundle or "")
        self.quiet = decision.quiet
        self.wake_at = decision.wake_at or datetime.max.replace(tzinfo=self.now.tzinfo)
        for effect in decision.effects:
            after, outcome = self.outcomes.outcome(effect, self.now)
            self._put_under_way(effect, outcome, after)
        for effect_id in decision.withdraw:
            self._withdraw(effect_id)
        self.advance(self.now)

    def _put_under_way(self, effect: Effect, outcome: Outcome, after: timedelta) -> None:
        self._serial += 1
        self.under_way[effect.id] = UnderWay(effect, outcome)
        heapq.heappush(self._coming, (self.now + after, self._serial, effect.id))

    def _withdraw(self, effect_id: str) -> None:
        running = self.under_way.get(effect_id)
        if running and self.outcomes.can_be_withdrawn(running.effect):
            running.outcome = Outcome(effect=effect_id, kind=running.effect.kind, status="withdrawn")

    def _fold(self, entries: Sequence[e.Entry]) -> None:
        self.entries += self._timed(lambda: [fold(self.state, entry) for entry in entries])

    def _timed(self, work: Callable[[], Result]) -> Result:
        before = time.process_time()
        try:
            return work()
        finally:
            self.core_seconds += time.process_time() - before
