"""``task: <name>``: a person is asked to do something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Discriminator, Tag
from typing_extensions import override

from dealwright.calendar.durations import Span
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step
from dealwright.values.recorded import Text

_TRUTH, _SPAN, _DATE = "truth", "span", "date"


def _waited_for(written: object) -> str:
    return _TRUTH if isinstance(written, bool) else _SPAN


def _due_by(written: object) -> str:
    return _DATE if isinstance(written, (Dated, dict)) else _SPAN


Due: TypeAlias = Annotated[
    Annotated[Span, Tag(_SPAN)] | Annotated[Dated, Tag(_DATE)],
    Discriminator(_due_by),
]
"""By when a task is to be done: a delay in its owner's calendar, or a time reckoned from a date."""
Wait: TypeAlias = Annotated[
    Annotated[bool, Tag(_TRUTH)] | Annotated[Span, Tag(_SPAN)],
    Discriminator(_waited_for),
]
"""Whether the next step waits for a task, or how long at most."""


class TaskStep(Step):
    """Ask a person to do something."""

    action: ClassVar[str] = "task"
    reaches_out: ClassVar[bool] = True

    task: Word
    """Ask a person to do this; task_done waits for it by this name."""
    title: Text | None = None
    """The task as its owner reads it."""
    text: Text | None = None
    """More about the task."""
    owner: Word | None = None
    """The role that has the task; by default the stage's owner."""
    due: Due | None = None
    """By when the task is to be done; by default 1bd."""
    escalate: Word | None = None
    """The role that is told when the task is overdue."""
    required: bool = False
    """Counted when the stage is left without it."""
    wait: Wait = False
    """The next step is reckoned from when this task is done; with a delay, at the latest from its end."""
    asks: tuple[Word, ...] = ()
    """The pieces that whoever does the task should note down, for a later handoff."""

    @property
    @override
    def role(self) -> str | None:
        return self.owner

    @property
    @override
    def is_required(self) -> bool:
        return self.required

    @override
    def references(self) -> Iterator[Reference]:
        for key, role in (("owner", self.owner), ("escalate", self.escalate)):
            if role is not None:
                yield Reference("role", role, key)
