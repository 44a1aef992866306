"""``notify: <role>``: somebody is told something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step
from dealwright.values.recorded import Text


class NotifyStep(Step):
    """Tell whoever holds a role something."""

    action: ClassVar[str] = "notify"

    notify: Word
    """Tell this role something."""
    text: Text | None = None
    """What is told."""

    @override
    def references(self) -> Iterator[Reference]:
        yield Reference("role", self.notify, "notify")
