"""``assign: <role>``: somebody of a pool gets a role in the deal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step


class AssignStep(Step):
    """Give a role of the deal to somebody of a pool."""

    action: ClassVar[str] = "assign"

    assign: Word
    """Give this role to somebody; who has it already keeps it."""
    from_: Word = Field(alias="from")
    """The pool of whom somebody gets it."""
    anew: bool = False
    """Whether somebody is chosen again, though the role has its holder."""

    @override
    def references(self) -> Iterator[Reference]:
        yield Reference("role", self.assign, "assign")
        yield Reference("pool", self.from_, "from")
