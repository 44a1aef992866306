"""What became of the documents that were made for the buyer."""

from __future__ import annotations

from typing import Literal

from dealwright.entries.base import EntryBase
from dealwright.terms import Terms


class DocumentDrawnUp(EntryBase):
    """A version of a document was made for exact terms; the effect of the same id sends it."""

    kind: Literal["document_drawn_up"] = "document_drawn_up"
    document: str
    version: int
    effect: str
    what: Literal["proposal", "contract"] | str
    tool: str
    template: str
    """The template with its version."""
    terms: Terms
    contact: str
    """To whom it goes, by id."""

    def sentence(self) -> str:
        return f"Drew up {self.document}, version {self.version}: {self.terms.words()}"


class DocumentRecalled(EntryBase):
    """A version of a document is no longer offered: it is taken back where it was sent."""

    kind: Literal["document_recalled"] = "document_recalled"
    document: str
    version: int
    effect: str
    """The effect that sent it."""
    why: str
    replaced: bool = False
    """Whether another version follows."""

    def sentence(self) -> str:
        return f"Recalled {self.document}, version {self.version}: {self.why}"
