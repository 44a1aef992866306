"""Lives examined: lived, told again, and every check asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.deals.lives import bookkeeping, touches, waiting
from tests.deals.lives.life import Life, live
from tests.deals.lives.probes import Probes
from tests.deals.lives.story import Check, Story, Violation

CHECKS: tuple[type[Check], ...] = (
    touches.UntilStopsAPlay,
    touches.StoppedMeansCalledOff,
    touches.NoMarketingToTheSilenced,
    touches.NothingWhilePaused,
    touches.NothingAfterTheEnd,
    touches.TouchesKeepToTheWindow,
    touches.NoBursts,
    bookkeeping.NoEffectTwice,
    bookkeeping.EffectsAreWhatEntriesSay,
    bookkeeping.NumberedWithoutGaps,
    bookkeeping.EveryFactOnce,
    bookkeeping.SkippedIsCounted,
    waiting.AlwaysANextLook,
    waiting.NothingDueIsLeft,
    waiting.NoCircles,
    waiting.DatesAreFollowed,
    waiting.MissedIsTold,
    waiting.ApprovalsNeedEverybody,
    waiting.HandoffsAreComplete,
)


@dataclass
class Examined:
    """One life, and what was wrong with it."""

    life: Life
    found: list[Violation] = field(default_factory=list)

    def report(self, lines: int = 12) -> str:
        """The first thing that is wrong, with the story up to it."""
        first = min(self.found, key=lambda violation: violation.number)
        entries = self.life.simulation.entries[max(0, first.number - lines) : first.number + 6]
        story = "\n".join(f"  {entry.number:4} {entry.at:%Y-%m-%d %H:%M} {entry.sentence()}" for entry in entries)
        return f"seed {self.life.seed} ({self.life.destiny}), {first.at}: {first.check}: {first.text}\n{story}"


def examine(seed: int, checks: Iterable[type[Check]] = CHECKS, probes: float = 0.1) -> Examined:
    """Live the life of a seed and examine it."""
    witness = Probes(seed, probes)
    life = live(seed, witness)
    found = Story(life.simulation, [check() for check in checks]).tell()
    return Examined(life, [*witness.found, *found])
