"""``document: <name>``: a proposal or contract that the playbook declares goes out to the buyer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Reference, Step


class DocumentStep(Step):
    """Send the buyer a document."""

    action: ClassVar[str] = "document"
    said: ClassVar[str] = "send"
    reaches_out: ClassVar[bool] = True

    document: Word
    """Make this document for the deal's terms, and send it."""
    owner: Word | None = None
    """The role that sends it; by default the stage's owner."""

    @property
    @override
    def role(self) -> str | None:
        return self.owner

    @override
    def references(self) -> Iterator[Reference]:
        yield Reference("document", self.document, "document")
        if self.owner is not None:
            yield Reference("role", self.owner, "owner")
