"""What a person is asked to do: by when, what is to be noted down, and which ways it may end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator
from typing_extensions import override

from dealwright import consent
from dealwright.calendar.durations import Span
from dealwright.contacts import in_roles
from dealwright.deal import Contact
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.fields import Fills, Word
from dealwright.playbook.language.steps.step import Reference, Step
from dealwright.state import DealState
from dealwright.values.recorded import Given, Text

_TRUTH, _SPAN, _DATE, _TIERS = "truth", "span", "date", "tiers"


def _waited_for(written: object) -> str:
    return _TRUTH if isinstance(written, bool) else _SPAN


def _due_by(written: object) -> str:
    if isinstance(written, (list, tuple)):
        return _TIERS
    return _DATE if isinstance(written, (Dated, dict)) else _SPAN


class DueTier(Given):
    """How long a task has in one case."""

    if_: Condition | None = Field(default=None, alias="if")
    """In which case; without it, in every other."""
    within: Span
    """How long, in the calendar of the task's owner."""


Due: TypeAlias = Annotated[
    Annotated[Span, Tag(_SPAN)]
    | Annotated[Dated, Tag(_DATE)]
    | Annotated[tuple[DueTier, ...], Field(min_length=1), Tag(_TIERS)],
    Discriminator(_due_by),
]
"""By when a task is to be done: a delay in its owner's calendar, a time reckoned from a date, or a delay by case."""
Wait: TypeAlias = Annotated[
    Annotated[bool, Tag(_TRUTH)] | Annotated[Span, Tag(_SPAN)],
    Discriminator(_waited_for),
]
"""Whether the next step waits for a task, or how long at most."""


class WorkStep(Step):
    """Ask a person to do something."""

    reaches_out: ClassVar[bool] = True
    told_as: ClassVar[str] = "task"
    channel: ClassVar[str | None] = None
    """How whoever does it reaches a contact; None for work that reaches nobody."""

    title: Text | None = None
    """The task as its owner reads it."""
    text: Text | None = None
    """More about the task."""
    to: Word | None = None
    """The role in the buying committee that it is about; by default whom messages go to, where it reaches somebody."""
    owner: Word | None = None
    """The role that has the task; by default the stage's owner."""
    due: Due | None = None
    """By when the task is to be done; by default 1bd. Of a list, the first case that is true counts."""
    escalate: Word | None = None
    """The role that is told when the task is overdue."""
    reassign: Word | None = None
    """The role that gets the task when it is overdue."""
    required: bool = False
    """Counted when the stage is left without it."""
    wait: Wait = False
    """The next step is reckoned from when this task is done; with a delay, at the latest from its end."""
    asks: tuple[Word, ...] = ()
    """The pieces that whoever does the task should note down, for a later handoff."""
    outcomes: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    """The ways in which it may end, of which whoever does it says one; task_done may wait for one of them."""
    fills: Fills = {}
    """What whoever does it may fill in, each by its name and the path at which the deal then knows it."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        twice = [word for number, word in enumerate(self.outcomes) if word in self.outcomes[:number]]
        if twice:
            raise BadValue(f"the outcome {twice[0]!r} is given twice", "take one of them out", ("outcomes",))
        filled = [path.text for path in self.fills.values()]
        both = [path for number, path in enumerate(filled) if path in filled[:number]]
        if both:
            raise BadValue(f"{both[0]!r} is filled in twice", "take one of them out", ("fills",))
        return self

    @model_validator(mode="after")
    def _every_tier_is_reached(self) -> Self:
        tiers = self.tiers
        if any(tier.if_ is None for tier in tiers[:-1]):
            raise BadValue(
                "cases of 'due' stand behind one without 'if', and never count", "write the one without 'if' last"
            )
        if tiers and tiers[-1].if_ is not None:
            raise BadValue(
                "'due' does not say what is so in all other cases",
                "end the list with a case without 'if': {within: 1bd}",
            )
        return self

    @property
    def asked(self) -> str:
        """The task as its owner reads it."""
        if self.title is not None:
            return self.title
        words = self.subject.replace("_", " ")
        return words if self.channel is None else f"{(self.said or self.action).capitalize()}: {words}"

    @property
    def noted_by(self) -> dict[str, str]:
        """What is filled in and becomes a note, each by its name and the note's."""
        notes = ((name, path.text.partition("notes.")) for name, path in self.fills.items())
        return {name: note for name, (before, _, note) in notes if not before}

    @property
    def tiers(self) -> tuple[DueTier, ...]:
        """How long the task has, by case; none when it has the same time always."""
        return self.due if isinstance(self.due, tuple) else ()

    @property
    @override
    def role(self) -> str | None:
        return self.owner

    @property
    @override
    def is_required(self) -> bool:
        return self.required

    @override
    def contact(self, state: DealState, only: str | None = None) -> Contact | None:
        if only is None and self.to is not None:
            return next(iter(in_roles(state, (self.to,))), None)
        readers = self.readers(state, only)
        return None if self.channel is None else consent.expected_addressee(state, marketing=False, only=readers)

    @override
    def references(self) -> Iterator[Reference]:
        for key, role in (("owner", self.owner), ("escalate", self.escalate), ("reassign", self.reassign)):
            if role is not None:
                yield Reference("role", role, key)
