"""``handoff: <name>``: the deal begins to pass to its next owner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step


class HandoffStep(Step):
    """Begin a handoff."""

    action: ClassVar[str] = "handoff"
    makes: ClassVar[tuple[str, ...]] = (
        "handoff_accepted",
        "handoff_declined",
        "handoff_fell_back",
        "handoff_overdue",
    )

    handoff: Word
    """Begin this handoff."""

    @override
    def references(self) -> Iterator[Reference]:
        yield Reference("handoff", self.handoff, "handoff")
