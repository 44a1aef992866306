"""Lives examined: lived, told again, and every check asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulation import bookkeeping, probes, touches, waiting
from simulation.laws import approvals, consent, knowledge, messages, next_step, repeats, roles, silence
from simulation.life import Life, live
from simulation.story import Check, Story, Violation

LAWS: tuple[type[Check], ...] = (
    messages.NoMessageAboutWhatIsOff,
    messages.NoMessageAfterItsDate,
    messages.MessagesAreMadeOfWhatIsKnown,
    messages.NothingIsSaidThatIsNoLongerSo,
    knowledge.FactsCountByWhenTheyHappened,
    knowledge.StatusesFollowTime,
    knowledge.WhatIsTakenBackCountsNoMore,
    consent.NoMarketingAfterAnOptOut,
    consent.NoMailAfterAHardBounce,
    consent.StrangersAskForAttention,
    consent.WhoIsAwayIsWaitedFor,
    consent.NobodyElseWaits,
    approvals.GrantsNeedEveryYes,
    approvals.WhoMayGrantIsAsked,
    approvals.OpenTermsAreTheDeals,
    approvals.WhatNobodyGrantedIsTold,
    silence.SilenceWasBroken,
    silence.NobodyToWriteToIsTold,
    next_step.SomebodyHasTheNextStep,
    next_step.EscalationsBackOff,
    next_step.NoStageSwallowsARenewal,
    roles.WorkIsWithWhoHoldsTheRole,
    repeats.LowHealthActsOnce,
    repeats.TheSameEndActsOnce,
)
"""The laws of the core, clause by clause; ``docs/behaviour.md`` has them in plain words."""
CHECKS: tuple[type[Check], ...] = (
    touches.UntilStopsAPlay,
    touches.StoppedMeansCalledOff,
    touches.NoMarketingToTheSilenced,
    touches.NothingToWhoeverIsAway,
    touches.TouchesAreHeard,
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
    waiting.PausesKeepWhatIsLeft,
    waiting.MissedIsTold,
    waiting.ApprovalsNeedEverybody,
    waiting.HandoffsAreComplete,
    *LAWS,
)
PROBES = (
    probes.same_input_same_decision,
    probes.json_changes_nothing,
    probes.a_second_look_changes_nothing,
    probes.fold_is_total,
    probes.splitting_changes_nothing,
    probes.quiet_changes_nothing,
)
TITLES = {
    **{check.__name__: (check.__doc__ or "").strip() for check in CHECKS},
    **{probe.__name__: (probe.__doc__ or "").strip() for probe in PROBES},
}
"""Every property by the name of its check, in words."""


@dataclass
class Examined:
    """One life, and what was wrong with it."""

    life: Life
    found: list[Violation] = field(default_factory=list)

    def report(self, check: str, lines: int = 12) -> str:
        """The first thing that a check found, with the story up to it."""
        first = next(violation for violation in self.found if violation.check == check)
        entries = self.life.simulation.entries[max(0, first.number - lines) : first.number + 6]
        story = "\n".join(f"  {entry.number:4} {entry.at:%Y-%m-%d %H:%M} {entry.sentence()[:200]}" for entry in entries)
        return (
            f"{TITLES[check]} But in the life of seed {self.life.seed} ({self.life.destiny}; live it again with "
            f"DEALWRIGHT_SEED={self.life.seed}), at {first.at}: {first.text}\n{story}"
        )


def examine(seed: int, checks: Iterable[type[Check]] = CHECKS, often: float = probes.OFTEN) -> Examined:
    """Live the life of a seed and examine it."""
    witness = probes.Probes(seed, often)
    life = live(seed, witness)
    found = Story(life.simulation, [check() for check in checks]).tell()
    return Examined(life, [*witness.found, *found])
