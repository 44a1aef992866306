"""Plays as a playbook writes them: what starts them, what stops them, and their steps."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Self, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.branches import Branches
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.conditions import compared_paths, with_exception
from dealwright.playbook.language.contacts import ForEach, Until, UntilField, WhenColleagueReplies
from dealwright.playbook.language.counts import Count, HappenedTimes, is_count
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.any_step import AnyStep
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.playbook.language.triggers import Triggers
from dealwright.values.recorded import Given

_TRIGGER, _DATE, _COUNT = "trigger", "date", "count"


def _started_by(written: object) -> str:
    dated = isinstance(written, Dated) or (isinstance(written, dict) and bool({"before", "after", "by"} & set(written)))
    if dated:
        return _DATE
    return _COUNT if isinstance(written, HappenedTimes) or is_count(written) else _TRIGGER


Start: TypeAlias = Annotated[
    Annotated[Triggers, Tag(_TRIGGER)] | Annotated[Dated, Tag(_DATE)] | Annotated[Count, Tag(_COUNT)],
    Discriminator(_started_by),
]
"""What starts a play: facts and events, a date, or that a fact happened so often."""


class Play(Given):
    """What is done when something happens.

    ``steps`` come one after another, each ``after`` the one before; those under ``do`` come side by side,
    each ``after`` the trigger. ``until`` stops the play at once.
    """

    name: Word
    """The play's name, once in the playbook."""
    on: Start
    """What starts it: a fact, an event, a date, or that a fact happened so often."""
    if_: Condition | None = Field(default=None, alias="if")
    """If this is not true when the trigger comes, the play does not start."""
    unless: Condition | None = None
    """The opposite of if: if this is true, it is left out."""
    stops: UntilField = Field(default=Until(), alias="until")
    """What stops it at once. In a play that runs for each contact, from whom: same (by default) or anyone."""
    for_each: ForEach | None = None
    """Runs once for each of these contacts, and writes to that contact only."""
    when_colleague_replies: WhenColleagueReplies = "go_on"
    """What becomes of a run when somebody else than its contact replies: stop, go_on or {delay: 5bd}."""
    alone: bool = False
    """Not started again while a run of it goes on, whatever its trigger says."""
    steps: tuple[AnyStep, ...] = ()
    """Actions one after another."""
    do: tuple[AnyStep, ...] = ()
    """Actions side by side."""

    @model_validator(mode="after")
    def _with_exception(self) -> Self:
        self.__dict__["if_"] = with_exception(self.if_, self.unless)  # from here on, they are one
        return self

    @model_validator(mode="after")
    def _steps_or_do(self) -> Self:
        if bool(self.steps) == bool(self.do):
            found = "steps and do" if self.steps else "no steps"
            raise BadValue(f"the play has {found}", "write steps (one after another) or do (side by side)")
        return self

    @cached_property
    def actions(self) -> tuple[Step, ...]:
        """The steps, whichever way they come, and those under ``else`` behind the step that they come instead of."""
        return tuple(one.step for one in self.branches)

    @cached_property
    def branches(self) -> Branches:
        """The steps with their numbers, and which of them come instead of which."""
        return Branches.of(self.steps or self.do)

    @cached_property
    def writes_to(self) -> frozenset[str | None]:
        """The roles in the buying committee that its messages go to; None for whom all messages go to."""
        return frozenset(step.to for step in self.actions if isinstance(step, MessageStep | EnrolStep))

    @property
    def until(self) -> tuple[str, ...]:
        """The facts and events that stop it."""
        return self.stops.keys

    @cached_property
    def task_names(self) -> frozenset[str]:
        """The tasks that it asks people to do."""
        return frozenset(step.subject for step in self.actions if isinstance(step, WorkStep))

    @cached_property
    def compares(self) -> frozenset[str]:
        """The parts of the deal whose values its condition looks at."""
        return frozenset(path.part for path in compared_paths(self.if_)) if self.if_ is not None else frozenset()

    @cached_property
    def step_names(self) -> tuple[str, ...]:
        """What tells each step from the others: its name, else what it does; the second of a name is ``…#2``."""
        names = [step.name or step.does for step in self.actions]
        return tuple(
            name if (before := names[:place].count(name)) == 0 else f"{name}#{before + 1}"
            for place, name in enumerate(names)
        )

    @cached_property
    def hears(self) -> tuple[str, ...]:
        """The facts and events that start it, or that are counted for it; none where a date starts it."""
        match self.on:
            case HappenedTimes(keys):
                return keys
            case Dated():
                return ()
        return self.on

    @cached_property
    def count(self) -> HappenedTimes | None:
        """How often a fact must have happened to start it, where that is counted."""
        return self.on if isinstance(self.on, HappenedTimes) else None

    @cached_property
    def dated(self) -> Dated | None:
        """What starts the play, if that is a date."""
        return self.on if isinstance(self.on, Dated) else None
