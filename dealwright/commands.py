"""Every command a person or a service may give a deal, one class each; the registry names the updates.

A command gets an answer (a verdict). Each says who gives it; those that override the playbook say why.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dealwright.deal import Known, OwnValue, Person
from dealwright.values.recorded import Bounded, Day, Moment, Name, Reference, Text

COMMANDS: dict[str, type[Command]] = {}
"""Every command by its name; the updates are generated from it."""


LONGEST_STEP = 500
"""Characters of a next step that is suggested, or put in other words."""


class Command(Bounded):
    """What somebody wants of a deal, with their name."""

    name: ClassVar[str]
    counts_after_the_end: ClassVar[bool] = False
    """Whether a finished deal takes it too."""
    by: Name

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            COMMANDS[cls.name] = cls


class _Override(Command):
    """A command that goes against the playbook, and therefore says why."""

    why: Annotated[Text, Field(min_length=1)]


class MoveToStage(_Override):
    """Enter a stage, whatever the playbook would do."""

    name = "move_to_stage"
    stage: Name


class SkipPlay(_Override):
    """Stop the running runs of a play, or leave out one step of it."""

    name = "skip_play"
    play: Name
    step: Name | None = None


class DecideApproval(Command):
    """Answer an approval that is asked for, by its id or name.

    ``terms`` are those the approver saw; stale ones are refused. Money may be repeated with its currency.
    """

    name = "decide_approval"
    approval: Reference
    answer: Literal["approve", "refuse"]
    terms: dict[Name, Decimal | str]
    note: Text | None = None


class CompleteTask(Command):
    """A task is done. ``notes`` are pieces it produced (for a handoff that waits for them)."""

    name = "complete_task"
    counts_after_the_end = True
    task: Reference
    result: Text | None = None
    outcome: Name | None = None
    """Which of the task's outcomes it was: needed where it has some."""
    fills: dict[Name, OwnValue] = {}
    """What was filled in of that which the task asks for, by name: ``{"seats": 40}``."""
    notes: dict[Name, Text] = {}
    reason_code: Name | None = None
    """For the task that asks why a deal ended: one of the reasons that the playbook lists."""
    competitor: Name | None = None
    """Likewise: whom the buyer chose instead."""
    back_on: Day | None = None
    """Likewise: the day on which to come back."""


class AnswerSuggestion(Command):
    """Say what becomes of a next step that a tool suggested: accepted, it is a task; dismissed, it is asked no more.

    Only what is accepted can be changed: its ``text``, who does it (``to``, a role), by when (``due_at``).
    """

    name = "answer_suggestion"
    suggestion: Reference
    """The suggestion, or for ``dismiss`` also the question in which several stand together."""
    answer: Literal["accept", "dismiss"]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_STEP)] | None = None
    to: Name | None = None
    """The role that does it; by default whoever has the deal."""
    due_at: Moment | None = None
    note: Text | None = None
    """Why it is dismissed, or what to mind."""


class AcceptHandoff(Command):
    """The receiver takes the deal over."""

    name = "accept_handoff"
    handoff: Reference


class DeclineHandoff(_Override):
    """The receiver does not take the deal over; it goes back to the giver with the reason."""

    name = "decline_handoff"
    handoff: Reference


class Reassign(_Override):
    """Give a role in this deal to somebody else."""

    name = "reassign"
    role: Name
    to: Person


class Amend(_Override):
    """Correct what is known about the deal; each part given replaces the old one."""

    name = "amend"
    known: Known


class Pause(_Override):
    """Stop all plays until ``resume``, or until the given time; deadlines move by as much."""

    name = "pause"
    until: Moment | None = None


class Resume(Command):
    """Go on after a pause: what was left of each delay is still left."""

    name = "resume"


class AdoptPlaybook(_Override):
    """Follow another playbook, or the newest version of this one, from now on; ``preview`` only says what follows."""

    name = "adopt_playbook"
    playbook: Name
    bundle: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """The content hash of the version; by default the newest of that name."""
    when: Literal["now", "next_stage"] = "now"
    """``next_stage``: when the deal next enters a stage that the playbook has."""
    preview: bool = False


class StartPlay(_Override):
    """Start a play now, also one whose trigger or date will not come, and whatever its ``if`` says."""

    name = "start_play"
    play: Name


class ResolveTouch(_Override):
    """Say what became of a touch that is uncertain: it was sent, or it was not."""

    name = "resolve_touch"
    effect: Reference
    sent: bool


class Acknowledge(_Override):
    """Take a point off the list of what needs attention; ``all`` takes every point."""

    name = "acknowledge"
    counts_after_the_end = True
    point: Reference


class Reopen(_Override):
    """Let a deal whose life is over go on, in the stage that it was in or in the one that is named."""

    name = "reopen"
    counts_after_the_end = True
    stage: Name | None = None


class Close(_Override):
    """End the deal."""

    name = "close"
    outcome: Literal["lost", "unresponsive", "churned", "disqualified", "completed"]
    reason_code: Name | None = None
    """One of the reasons that the playbook lists for the outcome, if it lists any."""
    competitor: Name | None = None
    """Whom the buyer chose instead."""
    back_on: Day | None = None
    """The day on which to come back."""
