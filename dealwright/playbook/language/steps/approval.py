"""``approval: <name>``: a chain of people is asked for a yes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step


class ApprovalStep(Step):
    """Ask for an approval."""

    action: ClassVar[str] = "approval"
    makes: ClassVar[tuple[str, ...]] = ("approval_granted", "approval_refused", "approval_overdue", "approval_expired")

    approval: Word
    """Ask for this approval."""

    @override
    def references(self) -> Iterator[Reference]:
        yield Reference("approval", self.approval, "approval")
