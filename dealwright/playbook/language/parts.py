"""The parts of a playbook, as a team's file writes them: triggers, conditions, actions, handoffs, owners."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from dealwright.calendar.durations import Span
from dealwright.playbook.language.approval_levels import ApprovalLevel, ApprovalRule
from dealwright.playbook.language.conditions import Condition, compared_paths
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.paths import DATED_PATHS
from dealwright.playbook.language.triggers import Triggers
from dealwright.values.recorded import Given, Name, Text

DEFAULT_STALL = Span.parse("30d")
FALLS_BACK_AFTER = 3
"""How many deadlines a handoff may miss, where the playbook does not say."""


class Dated(Given):
    """A time reckoned from a date of the deal: ``{before: contract.ends_on, by: 90d}``."""

    before: Literal[DATED_PATHS] | None = None  # type: ignore[valid-type] # the paths are listed once, in paths
    after: Literal[DATED_PATHS] | None = None  # type: ignore[valid-type] # likewise
    by: Span = Span.parse("0d")
    at: Literal["opening"] | None = None
    """``opening``: when business opens on that day, and not at the date's own time of day."""

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.before is None) == (self.after is None):
            sides = "two sides" if self.before else "no side"
            raise ValueError(f"the time has {sides}: write before or after, with the path of a date")
        return self

    @property
    def anchor(self) -> str:
        """The path of the date."""
        return str(self.before or self.after)


def _starts_by(written: object) -> Literal["date", "trigger"]:
    dated = isinstance(written, Dated) or (isinstance(written, dict) and bool({"before", "after", "by"} & set(written)))
    return "date" if dated else "trigger"


def _waits_by(written: object) -> Literal["truth", "span"]:
    return "truth" if isinstance(written, bool) else "span"


def _is_due_by(written: object) -> Literal["date", "span"]:
    return "date" if isinstance(written, (Dated, dict)) else "span"


Start = Annotated[
    Annotated[Triggers, Tag("trigger")] | Annotated[Dated, Tag("date")],
    Discriminator(_starts_by),
]
"""What starts a play: facts and events, or a date."""
Due = Annotated[
    Annotated[Span, Tag("span")] | Annotated[Dated, Tag("date")],
    Discriminator(_is_due_by),
]
"""By when a task is to be done: a delay in its owner's calendar, or a time reckoned from a date."""
Wait = Annotated[
    Annotated[bool, Tag("truth")] | Annotated[Span, Tag("span")],
    Discriminator(_waits_by),
]
"""Whether the next step waits for a task, or how long at most."""


class Step(Given):
    """One action of a play, and when it comes. Exactly one of the actions is given."""

    name: Word | None = None
    after: Span | None = None
    at: Dated | None = None
    if_: Condition | None = Field(default=None, alias="if")

    email: Word | None = None
    marketing: bool = True
    reply: bool = False
    """Goes out as a reply to the message sent before."""

    task: Word | None = None
    title: Text | None = None
    owner: Word | None = None
    due: Due | None = None
    escalate: Word | None = None
    required: bool = False
    wait: Wait = False
    """The next step is reckoned from when this task is done; with a delay, at the latest from its end."""
    asks: tuple[Word, ...] = ()
    """The pieces that whoever does the task should note down, for a later handoff."""

    notify: Word | None = None
    text: Text | None = None

    handoff: Word | None = None
    approval: Word | None = None
    enter: Word | None = None
    close: Literal["lost", "unresponsive", "churned", "disqualified", "completed"] | None = None
    reason: Text | None = None

    @cached_property
    def action(self) -> str:
        """Which of the actions this step is."""
        return next(name for name in ACTIONS if getattr(self, name) is not None)

    @cached_property
    def subject(self) -> str:
        """What the action is about: the template, the task, the role or the handoff."""
        return str(getattr(self, self.action))

    @cached_property
    def label(self) -> str:
        """The step as people say it."""
        return self.name or f"{'e-mail' if self.email else self.action} {self.subject.replace('_', ' ')}"

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        given = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"does {' and '.join(given)}: write a step for each" if given else f"does nothing: {_WRITE_ONE}"
            raise ValueError(f"this step {found}")
        if self.after is not None and self.at is not None:
            raise ValueError("the step has two times: keep after (a delay) or at (reckoned from a date)")
        return self


ACTIONS = ("email", "task", "notify", "handoff", "approval", "enter", "close")
"""What a step may do."""
_WRITE_ONE = f"write one of {', '.join(ACTIONS)}"


class Play(Given):
    """What is done when something happens.

    ``steps`` come one after another, each ``after`` the one before; those under ``do`` come side by side,
    each ``after`` the trigger. ``until`` stops the play at once.
    """

    name: Word
    on: Start
    if_: Condition | None = Field(default=None, alias="if")
    until: Triggers = ()
    alone: bool = False
    """Not started again while a run of it goes on, whatever its trigger says."""
    steps: tuple[Step, ...] = ()
    do: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _steps_or_do(self) -> Self:
        if bool(self.steps) == bool(self.do):
            found = "steps and do" if self.steps else "no steps"
            raise ValueError(f"the play has {found}: write steps (one after another) or do (side by side)")
        return self

    @property
    def actions(self) -> tuple[Step, ...]:
        """The steps, whichever way they come."""
        return self.steps or self.do

    @cached_property
    def compares(self) -> frozenset[str]:
        """The parts of the deal whose values its condition looks at."""
        return frozenset(path.part for path in compared_paths(self.if_)) if self.if_ is not None else frozenset()

    @cached_property
    def step_names(self) -> tuple[str, ...]:
        """What tells each step from the others: its name, else what it does; the second of a name is ``…#2``."""
        names = [step.name or f"{step.action} {step.subject}" for step in self.actions]
        return tuple(
            name if (before := names[:place].count(name)) == 0 else f"{name}#{before + 1}"
            for place, name in enumerate(names)
        )

    @property
    def dated(self) -> Dated | None:
        """What starts the play, if that is a date."""
        return self.on if isinstance(self.on, Dated) else None


class Gate(Given):
    """What should be there before a stage is left. Missing pieces are counted; with ``hard``, they hold the deal."""

    require: Annotated[dict[Name, Condition], Field(min_length=1)]
    """Each condition by the words in which people are told that it is missing."""
    hard: bool = False
    counted: Triggers = ("contract_signed",)
    """Facts that take the deal past a hard gate all the same: what is missing is counted then."""

    def holds(self, key: str | None) -> bool:
        """Whether a fact or event (None: no single one) does not lead past this gate while something is missing."""
        return self.hard and (key is None or not {key, key.partition(":")[0]} & set(self.counted))


class Stage(Given):
    """A part of the way, with its owner, its plays, and what it takes to leave."""

    name: Word
    owner: Word
    leave_when: Condition | None = None
    to: Word | None = None
    """The stage that comes next; by default the one below."""
    enter_when: Triggers = ()
    """Facts that bring a deal here from any earlier stage."""
    gate: Gate | None = None
    stalls_after: Span = DEFAULT_STALL
    marks: Literal["won"] | None = None
    plays: tuple[Play, ...] = ()


class HandoffRule(Given):
    """How a deal passes from one owner to the next."""

    name: Word
    from_: Word = Field(alias="from")
    to: Word
    needs: tuple[Word, ...] = ()
    """The pieces that must be passed on, as they are named in the deal's notes."""
    ask_within: Span = Span.parse("1bd")
    """How long the giver has to supply missing pieces."""
    accept_within: Span = Span.parse("8bh")
    """How long the receiver has to accept, in their own business hours when written in ``bh``."""
    escalate: Word | None = None
    falls_back_after: Annotated[int, Field(ge=1, le=20)] = FALLS_BACK_AFTER
    """How many deadlines may go by before the deal falls to ``escalate``, so that it does not wait for ever."""


class End(Given):
    """A fact that ends the deal."""

    when: Triggers
    outcome: Literal["lost", "unresponsive", "churned", "disqualified", "completed"] = Field(alias="as")


__all__ = [
    "ACTIONS",
    "FALLS_BACK_AFTER",
    "ApprovalLevel",
    "ApprovalRule",
    "Dated",
    "Due",
    "End",
    "Gate",
    "HandoffRule",
    "Play",
    "Stage",
    "Start",
    "Step",
    "Word",
]
