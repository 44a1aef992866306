"""What goes into ``decide`` and what comes out of it: the recorded border between the rules and the shell."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import TypeAdapter

from dealwright.effects import Effect, Outcome
from dealwright.entries import EffectSettled, Entry, FactRefused
from dealwright.state import DealState
from dealwright.values.recorded import AwareDatetime, Recorded

EXCERPT = 200
"""Characters that are kept of a refused payload, and of a note."""


class Received(Recorded):
    """Something that reached the deal and waits in its inbox.

    Facts and commands are kept as the JSON text that came in, and read by ``decide``: what a fact may look
    like can then change on any day under running deals.
    """

    kind: Literal["fact", "command", "outcome"] | str
    name: str
    """The fact's, the command's or the effect's kind's name."""
    id: str | None = None
    """The fact's id, or the update's."""
    at: AwareDatetime
    """When it was received, in the deal's time."""
    payload: str = "{}"
    broken: str | None = None
    """Why the payload could not even be read; ``payload`` then holds an excerpt."""
    contradicts: bool = False
    """Its id was told before, with other content."""
    outcome: Outcome | None = None
    effect: Effect | None = None
    """The effect that the outcome is of."""

    def refused(self, at: AwareDatetime, error: str) -> FactRefused:
        """What keeps it when it is no valid fact, or cannot be decided; ``error`` says why."""
        excerpt = self.payload[:EXCERPT]
        return FactRefused(at=at, fact=self.name[:EXCERPT], id=self.id, error=error, excerpt=excerpt)

    def settled(self) -> EffectSettled | None:
        """What became of its effect, when it is an outcome, as it is written down without a decision."""
        if self.outcome is None or self.effect is None:
            return None
        return EffectSettled(
            at=self.at, effect=self.outcome.effect, does=self.outcome.kind, status=self.outcome.status,
            reason=self.outcome.reason, reference=self.outcome.reference, link=self.outcome.link,
            label=self.effect.summary,
        )  # fmt: skip


class Verdict(Recorded):
    """The answer to a command."""

    accepted: bool
    text: str
    """What was done, or why not and what to do instead."""
    decided: bool = True
    """False when the command is recorded but could not be decided yet."""


class Attributes(Recorded):
    """The search attributes that change with a decision; what is None stays as it was."""

    DealStage: str | None = None
    DealOwner: str | None = None
    DealAccount: str | None = None
    DealOutcome: str | None = None
    DealPlaybook: str | None = None
    DealAmount: float | None = None
    DealCurrency: str | None = None
    DealScore: float | None = None
    DealHealth: float | None = None
    StageEnteredAt: AwareDatetime | None = None
    RenewalAt: AwareDatetime | None = None
    NeedsAttention: bool | None = None
    unset: tuple[str, ...] | None = None
    """Those whose value is known no longer."""


SEARCH_ATTRIBUTES: dict[str, Literal["Keyword", "Double", "Datetime", "Bool"]] = {
    "DealStage": "Keyword",
    "DealOwner": "Keyword",
    "DealAccount": "Keyword",
    "DealOutcome": "Keyword",
    "DealPlaybook": "Keyword",
    "DealAmount": "Double",
    "DealCurrency": "Keyword",
    "DealScore": "Double",
    "DealHealth": "Double",
    "StageEnteredAt": "Datetime",
    "RenewalAt": "Datetime",
    "NeedsAttention": "Bool",
}
"""Every search attribute with its Temporal type, as the namespace must have them."""


class Decision(Recorded):
    """What the playbook makes of the new facts and the time. The workflow acts only on this."""

    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    withdraw: tuple[str, ...] = ()
    """Effects started earlier that are no longer wanted."""
    wake_at: AwareDatetime | None = None
    wake_for: str = ""
    """What the wake time announces, as a sentence for the timer's summary."""
    attributes: Attributes | None = None
    verdicts: dict[str, Verdict] = {}
    quiet: tuple[str, ...] = ()
    """Facts that need no decision now: they wait in the inbox for the next one."""
    report_now: bool = False
    """Some entry is what reports need at once, whether or not an effect carries it."""
    journal_lag: timedelta | None = None
    """Entries waiting for an effect to ride on do not wait through a sleep longer than this."""
    next_term: bool = False
    """A natural end: the deal goes on as a new run."""
    restored: Restored | None = None
    """What a run goes on from that a finished deal was given: its entries follow on it."""
    took: int | None = None
    """How many items of the inbox it is on, the first ones; None when all of them fitted into one decision."""

    def must_report(self, now: AwareDatetime) -> bool:
        """Whether the journal is to be written at once, and does not wait for an effect to ride on."""
        lag, wake_at = self.journal_lag, self.wake_at
        return self.report_now or (lag is not None and wake_at is not None and wake_at - now > lag)


class Restored(Recorded):
    """A finished deal as its journal tells it."""

    state: DealState
    seen: dict[str, list[str]] = {}
    recent: tuple[Entry, ...] = ()


class DealStart(Recorded):
    """The workflow's input: a deal, the playbook's name, and what an earlier run of the deal hands on."""

    deal: dict[str, object] = {}
    playbook: str | None = None
    after_the_end: bool = False
    """The deal's life is over, and something has come for it: its story is told again first."""
    carried: Carried | None = None


class Carried(Recorded):
    """What a deal takes along when it continues as new."""

    state: DealState
    inbox: tuple[Received, ...] = ()
    verdicts: dict[str, tuple[AwareDatetime, Verdict]] = {}
    contents: dict[str, str] = {}
    """The fingerprints of the commands that have these verdicts."""
    seen: dict[str, list[str]] = {}
    repeats: int = 0
    unwritten: tuple[Entry, ...] = ()
    """Entries that are not in the journal yet."""
    recent: tuple[Entry, ...] = ()
    """The last entries, for the deal's page."""
    quiet: tuple[str, ...] = ()
    failures: int = 0
    decided: bool = False
    """Whether its last decision holds until ``wake_at``; else the new run begins with one."""
    wake_at: AwareDatetime | None = None
    wake_for: str = ""


STATE = TypeAdapter(DealState)
