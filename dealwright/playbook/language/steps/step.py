"""What the steps of all actions share: a name, a time, a condition, and what they say about themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from dealwright.calendar.durations import Span
from dealwright.deal import Contact
from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.condition_syntax import Condition
from dealwright.playbook.language.conditions import with_exception
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.fields import Word
from dealwright.state import DealState
from dealwright.values.recorded import Given

if TYPE_CHECKING:
    from dealwright.playbook.language.steps.any_step import AnyStep


class Reference(NamedTuple):
    """A name in a step that something of the playbook must have."""

    what: str
    """What must have it: a role, a stage, a handoff, an approval."""
    name: str
    key: str
    """Where in the step it stands."""


class Step(Given):
    """One action of a play, and when it comes. Each action is a class of its own, with its keys."""

    action: ClassVar[str]
    """The key that names the action in the file; its value is what the action is about."""
    said: ClassVar[str] = ""
    """The action as people say it, where they say it in another way."""
    told_as: ClassVar[str] = ""
    """What patterns of a deal's story call it, where that is not the action."""
    makes: ClassVar[tuple[str, ...]] = ()
    """The events that never come without such a step."""
    is_touch: ClassVar[bool] = False
    """Whether it reaches a contact: then it keeps to their hours, and to what is true when it leaves."""
    reaches_out: ClassVar[bool] = False
    """Whether somebody is written to or called: a deal is not closed for silence before that."""

    name: Word | None = None
    """What people call the step."""
    after: Span | None = None
    """How long after the step before (under steps) or the trigger (under do)."""
    at: Dated | None = None
    """When, reckoned from a date of the deal."""
    if_: Condition | None = Field(default=None, alias="if")
    """Looked at when the step's time has come; if it is not true, the step is skipped."""

    unless: Condition | None = None
    """The opposite of if: if this is true, it is left out."""
    otherwise: tuple[AnyStep, ...] = Field(default=(), alias="else")
    """The step, or the steps, that come instead when the condition does not hold when it is asked."""
    needs: Word | None = None
    """The approval that must be granted before: until it is, the step waits; when it is refused, it is left out."""

    @field_validator("otherwise", mode="before")
    @classmethod
    def _one_or_several(cls, written: object) -> object:
        if isinstance(written, list | tuple) and not written:
            raise BadValue("else does nothing", "write the steps that come instead, or take it out")
        return written if isinstance(written, list | tuple) else (written,)

    @model_validator(mode="after")
    def _with_exception(self) -> Self:
        self.__dict__["if_"] = with_exception(self.if_, self.unless)  # from here on, they are one
        return self

    @model_validator(mode="after")
    def _else_of_an_if(self) -> Self:
        if self.otherwise and self.if_ is None:
            raise BadValue("the step has else, and no condition", "add if or unless, or write its steps without else")
        return self

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if self.after is not None and self.at is not None:
            raise BadValue("the step has two times", "keep after (a delay) or at (reckoned from a date)")
        return self

    @cached_property
    def subject(self) -> str:
        """What the action is about: the template, the task, the role or the handoff."""
        return str(getattr(self, self.action))

    @cached_property
    def does(self) -> str:
        """The action and what it is about, as the file writes them."""
        return f"{self.action} {self.subject}"

    @cached_property
    def label(self) -> str:
        """The step as people say it."""
        return self.name or f"{self.said or self.action} {self.subject.replace('_', ' ')}"

    @property
    def role(self) -> str | None:
        """Who does it, and in whose calendar its delay is reckoned; None for the stage's owner."""
        return None

    @property
    def is_required(self) -> bool:
        """Whether it is counted when the stage is left without it."""
        return False

    def contact(self, state: DealState, only: str | None = None) -> Contact | None:  # noqa: ARG002 - most are no touch
        """Whom a touch is for, as things stand; None for nobody, and for what is no touch.

        ``only`` is the contact whom its play runs for, where it runs for each.
        """
        return None

    def readers(self, state: DealState, only: str | None) -> tuple[str, ...] | None:  # noqa: ARG002 - of most: the run's
        """The contacts whom it may reach, by id; None for any. ``only`` is whom its play runs for."""
        return None if only is None else (only,)

    def references(self) -> Iterator[Reference]:
        """The names in it that the playbook must have."""
        yield from ()
