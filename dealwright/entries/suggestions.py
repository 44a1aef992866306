"""Next steps that tools suggest, and what people say to them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dealwright.diagnostics.text import short
from dealwright.entries.base import EntryBase
from dealwright.values.recorded import AwareDatetime

_LONGEST_WORDS = 200
"""Characters of a suggestion in a sentence."""


class SuggestionMade(EntryBase):
    """Whoever has the deal is asked about a next step that a tool suggested."""

    kind: Literal["suggestion_made"] = "suggestion_made"
    suggestion: str
    text: str
    words: str
    """The text as it is compared."""
    role: str
    answer_by: AwareDatetime
    happened_at: AwareDatetime
    """When the conversation took place that it comes from."""
    by: str | None = None
    source: str | None = None
    conversation: str | None = None
    due: date | None = None
    digest: str | None = None
    """The question in which it stands with others; None for one that is asked alone."""
    given_to: str | None = None
    """Who held the role then, by address or else name; empty when nobody did."""

    def sentence(self) -> str:
        whence = " of ".join(filter(None, (self.by, self.source)))
        return f"Suggested to {self.role}: {short(self.text, _LONGEST_WORDS)}" + (f" ({whence})" if whence else "")


class SuggestionAnswered(EntryBase):
    """Somebody accepted or dismissed a suggested next step, or it was dropped."""

    kind: Literal["suggestion_answered"] = "suggestion_answered"
    suggestion: str
    text: str
    answer: Literal["accepted", "dismissed", "dropped"] | str
    by: str
    note: str | None = None
    task: str | None = None
    """The task that it is now, by id."""

    def sentence(self) -> str:
        why = f" - {self.note}" if self.note else ""
        return f"Suggestion {self.answer} by {self.by}: {short(self.text, _LONGEST_WORDS)}{why}"
