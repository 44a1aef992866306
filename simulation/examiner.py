"""Lives examined: lived, told again, and every check asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulation import metamorphic
from simulation.invariants import records, schedule, scores, touches
from simulation.laws import (
    approvals,
    billing,
    channels,
    consent,
    crm_record,
    documents,
    ends,
    enrolments,
    knowledge,
    messages,
    next_step,
    reopening,
    repeats,
    roles,
    silence,
    suggestions,
    tasks,
    texts,
)
from simulation.life import Life, live
from simulation.replay import Check, Replay, Violation

LAWS: tuple[type[Check], ...] = (
    messages.NoMessageAboutWhatIsOff,
    messages.NoMessageAfterItsDate,
    messages.MessagesAreMadeOfWhatIsKnown,
    messages.NothingIsSaidThatIsNoLongerSo,
    reopening.NothingIsSaidAgain,
    knowledge.FactsCountByWhenTheyHappened,
    knowledge.StatusesFollowTime,
    knowledge.WhatIsTakenBackCountsNoMore,
    ends.WhoAgreedSinceIsNotGivenUp,
    consent.NoMarketingAfterAnOptOut,
    consent.NoMailAfterAHardBounce,
    consent.StrangersAskForAttention,
    consent.WhoIsAwayIsWaitedFor,
    consent.NobodyElseWaits,
    consent.TheWrongPersonGetsNothing,
    consent.ARunWritesToItsContact,
    channels.NobodyIsReachedAgainstTheirWish,
    channels.ChannelsKeepTheirHours,
    channels.ChannelsKeepTheirLimits,
    channels.WhoDidNotAnswerIsLeftAlone,
    channels.MarketingKeepsToTheCoolOff,
    enrolments.NobodyStaysEnrolledUnwanted,
    enrolments.OurMarketingWaitsForCadences,
    enrolments.NobodyElseWaitsForACadence,
    enrolments.ACadenceEndsOnce,
    texts.NobodyIsTextedAgainstTheirWish,
    texts.TextsKeepTheirHours,
    texts.TextsKeepTheirLimits,
    approvals.GrantsNeedEveryYes,
    approvals.WhoMayGrantIsAsked,
    approvals.NothingLeavesUngranted,
    approvals.OpenTermsAreTheDeals,
    approvals.WhatNobodyGrantedIsTold,
    documents.DocumentsAreForGrantedTerms,
    documents.OneVersionIsOut,
    documents.WhatIsAgreedToStays,
    documents.NoDocumentOutlivesItsDeal,
    silence.SilenceWasBroken,
    silence.NobodyToWriteToIsTold,
    silence.WhoSpokeIsNotSilent,
    tasks.WhatATaskFoundOutIsKnown,
    tasks.TheOutcomeDecidesWhatIsNext,
    next_step.SomebodyHasTheNextStep,
    next_step.EscalationsBackOff,
    next_step.NoStageSwallowsARenewal,
    reopening.WhoIsReopenedStaysOpen,
    suggestions.ASuggestionIsATaskOnceAccepted,
    suggestions.NoSuggestionOutlivesItsDeal,
    roles.WorkIsWithWhoHoldsTheRole,
    repeats.LowHealthActsOnce,
    repeats.TheSameEndActsOnce,
    suggestions.TheSameSuggestionIsAskedOnce,
    crm_record.TheRecordAgrees,
    crm_record.NothingIsWrittenBack,
    billing.EachTermIsBilledOnce,
    billing.NothingUnsignedIsBilled,
    billing.TheBooksAgree,
    billing.NothingIsWrittenThatIsThere,
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
    records.NoEffectTwice,
    records.EffectsAreWhatEntriesSay,
    records.NumberedWithoutGaps,
    records.EveryFactOnce,
    records.SkippedIsCounted,
    records.OneArmForEver,
    scores.PointsAreForWhatHappened,
    scores.TimeRaisesNoScore,
    scores.LevelsAreWhatIsSo,
    schedule.AlwaysANextWakeTime,
    schedule.NothingDueIsLeft,
    schedule.NoCircles,
    schedule.DatesAreFollowed,
    schedule.PausesKeepWhatIsLeft,
    schedule.MissedIsTold,
    schedule.ApprovalsNeedEverybody,
    schedule.HandoffsAreComplete,
    *LAWS,
)
RELATIONS = (
    metamorphic.same_input_same_decision,
    metamorphic.json_changes_nothing,
    metamorphic.deciding_again_changes_nothing,
    metamorphic.looking_in_between_changes_nothing,
    metamorphic.fold_is_total,
    metamorphic.splitting_changes_nothing,
    metamorphic.quiet_changes_nothing,
)
TITLES = {
    **{check.__name__: (check.__doc__ or "").strip() for check in CHECKS},
    **{relation.__name__: (relation.__doc__ or "").strip() for relation in RELATIONS},
}
"""Every property by the name of its check, in words."""


@dataclass
class Examination:
    """One life, and what was wrong with it."""

    life: Life
    found: list[Violation] = field(default_factory=list)

    def report(self, check: str, lines: int = 12) -> str:
        """The first thing that a check found, with the story up to it."""
        first = next(violation for violation in self.found if violation.check == check)
        entries = self.life.simulation.entries[max(0, first.number - lines) : first.number + 6]
        story = "\n".join(f"  {entry.number:4} {entry.at:%Y-%m-%d %H:%M} {entry.sentence()[:200]}" for entry in entries)
        return (
            f"{TITLES[check]} But in the life of seed {self.life.seed} ({self.life.scenario}; live it again with "
            f"DEALWRIGHT_SEED={self.life.seed}), at {first.at}: {first.text}\n{story}"
        )


def examine(seed: int, checks: Iterable[type[Check]] = CHECKS, share: float = metamorphic.SHARE_CHECKED) -> Examination:
    """Live the life of a seed and examine it."""
    observer = metamorphic.MetamorphicChecks(seed, share)
    life = live(seed, observer)
    found = Replay(life.simulation, [check() for check in checks]).run()
    return Examination(life, [*observer.found, *found])
