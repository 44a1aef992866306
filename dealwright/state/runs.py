"""What a deal has under way: runs of plays, and effects that were started."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.deal import EndReason
from dealwright.effects import Effect
from dealwright.state.known import Happened
from dealwright.values.recorded import AwareDatetime, Recorded


class Run(Recorded):
    """One run of a play: which steps are still to come, and when."""

    key: str
    play: str
    visit: int
    occurrence: int
    since: int
    """The number of the entry that started it: facts after it count for ``until``."""
    trigger_at: AwareDatetime
    since_at: AwareDatetime | None = None
    """What happens from then on counts for it: when its trigger happened, or its date became known."""
    trigger: str | None = None
    """The fact or event that started it."""
    about: str | None = None
    """The meeting, demo, proposal or term that it is about: ``demo/<id>``."""
    contact: str | None = None
    """The contact whom it runs for, where its play runs for each."""
    whole_deal: bool = False
    dated_by: AwareDatetime | None = None
    planned: dict[int, e.PlannedStep]
    reached: int = 0
    """How many of its messages and tasks were done."""
    gate: str | None = None
    """The task that must be done before the next step is planned."""
    behind: tuple[str, ...] = ()
    """The names of the steps that were done or left out."""
    otherwise: tuple[int, ...] = ()
    """The numbers of the steps that were left out because of their ``if``, and whose ``else`` comes instead."""
    done: dict[str, Happened] | None = None
    """When its tasks were done last, by key: ``task_done:call:connected``. None where an old release began it."""
    not_before: AwareDatetime | None = None
    """Nothing of it comes earlier, but what is reckoned from a date: a colleague of its contact has replied."""
    edition: int = 0
    """How often the playbook's changes numbered its steps anew."""

    @property
    def for_its_date(self) -> str:
        """Under what it is remembered which steps are done for its date: its play, and whom it runs for."""
        return self.play if self.contact is None else f"{self.play} {self.contact}"


class Pending(Recorded):
    """An effect that was started and has no final outcome yet."""

    effect: str
    does: str
    label: str
    run: str | None = None
    step: int | None = None
    marketing: bool = False
    template: str | None = None
    contact: str | None = None
    address: str | None = None
    """Where a message goes, in the normal form."""
    again_at: AwareDatetime | None = None
    """When to start it again, after a block of attempts that handed nothing over."""
    again: Effect | None = None
    """What to start again then."""
    held_for: str | None = None
    """The contact whose return it waits for."""
    uncertain: bool = False
    started_at: AwareDatetime
    first_started_at: AwareDatetime | None = None
    """When it was started for the first time, where it was started again since."""

    def called_off(self, at: AwareDatetime, why: str) -> e.EffectSettled:
        """What is written down when it is no longer wanted, and nobody outside has seen it."""
        return e.EffectSettled(
            at=at, effect=self.effect, does=self.does, status="withdrawn", reason=why, label=self.label
        )


class HeldEnd(EndReason):
    """How a deal is to end that is held, and what is known of why."""

    outcome: str
    reason: str


class ActivePause(Recorded):
    """Since when, and until when, all plays stand still."""

    since: AwareDatetime
    until: AwareDatetime | None = None
    review_at: AwareDatetime
    reviews: int = 0
    ending: HeldEnd | None = None
    """Where the deal stands still since it is about to end: how."""
