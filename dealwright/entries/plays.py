"""Plays and their steps."""

from __future__ import annotations

from typing import Literal

from dealwright.entries.base import EntryBase
from dealwright.identity import of_run
from dealwright.values.recorded import AwareDatetime, Recorded
from dealwright.values.times import in_full


class PlannedStep(Recorded):
    """A step of a running play and when it comes."""

    index: int
    due_at: AwareDatetime
    label: str
    dated: bool = False
    """Reckoned from a date of the deal: it moves with that date, and a pause does not move it."""
    late: bool = False
    """Its time was already past when it was planned."""
    planned_at: AwareDatetime | None = None
    name: str | None = None
    """What tells it from the play's other steps, also when the playbook changes."""
    held_in: int | None = None
    """The stage's visit whose hard gate holds it: its time is then only when it is looked at again."""
    held_for: str | None = None
    """The contact whose return it waits for."""
    held_by: str | None = None
    """The approval that it waits for: its time is then only when it is looked at again."""
    held_while: str | None = None
    """The enrolment whose end it waits for, likewise."""
    held_back: bool = False
    """The store held back what it does, so that nothing was handed over: it is started again under its id."""


class ExperimentExposed(EntryBase):
    """The deal's arm of an experiment decided something for the first time: from now on it counts for that arm."""

    kind: Literal["experiment_exposed"] = "experiment_exposed"
    experiment: str
    arm: str
    stage: str
    play: str | None = None
    """The play that asked for the arm; None where the stage did."""

    def sentence(self) -> str:
        return f"Experiment {self.experiment}: {self.arm}"


class PlayStarted(EntryBase):
    """A play was triggered; its steps are planned."""

    kind: Literal["play_started"] = "play_started"
    run: str
    play: str
    visit: int
    occurrence: int
    because: str
    trigger: str | None = None
    """The fact or event that started it, by its key."""
    trigger_at: AwareDatetime
    whole_deal: bool = False
    """The play belongs to the playbook, not to a stage, and outlives stages."""
    dated_by: AwareDatetime | None = None
    """The anchor's time, when a date started the play."""
    since_at: AwareDatetime | None = None
    """What happens from then on counts for it: when its trigger happened, or its date became known."""
    about: str | None = None
    """The meeting, demo, proposal or term that it is about: ``demo/<id>``."""
    planned: tuple[PlannedStep, ...]
    crossing: str | None = None
    """What is remembered until its condition no longer holds: the same cause does not start it again until then."""
    contact: str | None = None
    """The contact whom this run is for, where the play runs for each."""

    @property
    def caused_at(self) -> AwareDatetime:
        """What tells its cause from others: when that happened, or the date that it is."""
        return self.dated_by or self.since_at or self.trigger_at

    def sentence(self) -> str:
        return f"Play {of_run(self.play, self.contact)} started ({self.because})"


class StepPlanned(EntryBase):
    """A step got its time, or another one."""

    kind: Literal["step_planned"] = "step_planned"
    run: str
    planned: PlannedStep
    why: str | None = None

    def sentence(self) -> str:
        return f"Planned {self.planned.label} for {in_full(self.planned.due_at)} UTC" + (
            f" ({self.why})" if self.why else ""
        )


class StepDone(EntryBase):
    """A step whose action is not one effect is behind the deal."""

    kind: Literal["step_done"] = "step_done"
    run: str
    index: int
    label: str

    def sentence(self) -> str:
        return f"Done: {self.label}"


class StepSkipped(EntryBase):
    """A step will not be done."""

    kind: Literal["step_skipped"] = "step_skipped"
    run: str
    index: int
    label: str
    why: str
    required: bool = False
    """Somebody left out a required action: counted, not blocked."""
    otherwise: Literal[True] | None = None
    """Its ``if`` did not hold, and what stands under its ``else`` comes instead: whatever changes afterwards."""

    def sentence(self) -> str:
        return f"Skipped {self.label}: {self.why}"


class PlayDelayed(EntryBase):
    """A run for one contact waits, since a colleague of theirs has replied. Steps reckoned from a date do not."""

    kind: Literal["play_delayed"] = "play_delayed"
    run: str
    play: str
    contact: str | None = None
    until: AwareDatetime
    why: str

    def sentence(self) -> str:
        return f"Play {of_run(self.play, self.contact)} waits until {in_full(self.until)} UTC: {self.why}"


class PlayEnded(EntryBase):
    """A run of a play is over: finished, stopped, or redated because its anchor moved."""

    kind: Literal["play_ended"] = "play_ended"
    run: str
    play: str
    how: Literal["finished", "stopped"] | str
    why: str
    skipped_required: tuple[str, ...] = ()
    """Required actions that somebody left out by skipping the play."""
    contact: str | None = None
    """The contact whom this run was for, where the play runs for each."""

    def sentence(self) -> str:
        return f"Play {of_run(self.play, self.contact)} {self.how}: {self.why}"


class PlayCarriedOver(EntryBase):
    """A run goes on under other rules, at the step that it was at."""

    kind: Literal["play_carried_over"] = "play_carried_over"
    run: str
    play: str
    playbook: str
    edition: int = 0
    """How often its steps were numbered anew: the ids of what it does from now on say so."""
    whole_deal: bool = False
    visit: int = 0
    steps: dict[int, int] = {}
    """The new index of each step that the play still has, by the old one."""
    planned: tuple[PlannedStep, ...] = ()
    """Its steps to come."""
    behind: tuple[str, ...] = ()
    """The names of the steps that it will not do (again)."""
    gate: str | None = None
    """The task that must be done before the next step is planned."""
    gates_until: AwareDatetime | None = None
    """When the next step is planned though the task is not done."""
    at_step: int | None = None
    """The number, as people count, of the step that it is at."""
    contact: str | None = None
    """The contact whom this run is for, where the play runs for each."""

    def sentence(self) -> str:
        return (
            f"Play {of_run(self.play, self.contact)} goes on"
            + (f" at step {self.at_step}" if self.at_step else "")
            + " by the new rules"
        )


class PlaySetAside(EntryBase):
    """The deal adopts a playbook that stops this run. Where it was is kept, should the deal go back."""

    kind: Literal["play_set_aside"] = "play_set_aside"
    run: str
    play: str
    planned: tuple[PlannedStep, ...] = ()
    """The steps that were to come, or were begun and are called off."""
    behind: tuple[str, ...] = ()
    """The names of the steps that are not done again."""
    contact: str | None = None

    def sentence(self) -> str:
        return f"Play {of_run(self.play, self.contact)} is kept where it is, should the deal go back"


class PlayTakenUp(EntryBase):
    """A run that adopting another playbook stopped goes on where it was."""

    kind: Literal["play_taken_up"] = "play_taken_up"
    run: str
    play: str
    planned: tuple[PlannedStep, ...] = ()
    contact: str | None = None

    def sentence(self) -> str:
        return f"Play {of_run(self.play, self.contact)} is taken up again"


class ConditionCleared(EntryBase):
    """The condition of a play no longer holds: when it does again, the play may start again."""

    kind: Literal["condition_cleared"] = "condition_cleared"
    play: str

    def sentence(self) -> str:
        return f"What started {self.play} is no longer so"


class WaitEnded(EntryBase):
    """A sequence goes on though the task that it waited for is not done: that stays open."""

    kind: Literal["wait_ended"] = "wait_ended"
    run: str
    play: str
    task: str
    title: str
    contact: str | None = None

    def sentence(self) -> str:
        return f"{of_run(self.play, self.contact)} goes on without this: {self.title}"


class PlayExpected(EntryBase):
    """A play that a date starts has its time; without one it is no longer expected."""

    kind: Literal["play_expected"] = "play_expected"
    play: str
    begins_at: AwareDatetime | None = None

    def sentence(self) -> str:
        if self.begins_at is None:
            return f"{self.play} is no longer expected"
        return f"{self.play} will begin on {in_full(self.begins_at)} UTC"


class AnchorMoved(EntryBase):
    """The date that a play is reckoned from is another one now."""

    kind: Literal["anchor_moved"] = "anchor_moved"
    play: str
    visit: int
    run: str | None = None
    anchor: AwareDatetime | None = None
    """The new date; None when the play waits for its time again."""
    day: str | None = None
    """The date in words, as it is where the deal's owner is."""
    left_out: bool = False
    """The date came, and the play did not start: its condition did not hold, or it runs already."""
    why: str | None = None
    """Another reason why it did not."""

    def sentence(self) -> str:
        if self.left_out:
            why = self.why or "its condition does not hold, or it runs already"
            return f"{self.play} does not start for {self.day}: {why}"
        if self.day is None:
            return f"The date of {self.play} holds no more"
        return f"The date of {self.play} moved to {self.day}"
