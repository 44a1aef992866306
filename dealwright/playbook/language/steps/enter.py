"""``enter: <stage>``: the deal goes to another stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step
from dealwright.values.recorded import Text


class EnterStep(Step):
    """Let the deal enter a stage."""

    action: ClassVar[str] = "enter"

    enter: Word
    """Enter this stage."""
    reason: Text | None = None
    """Why."""

    @override
    def references(self) -> Iterator[Reference]:
        yield Reference("stage", self.enter, "enter")
