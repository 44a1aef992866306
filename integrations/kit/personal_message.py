"""What one person is told of their own work, in whichever channel they chose.

Parts of every text were written by strangers: a channel shows them as text, and they mean nothing to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.open_work import OpenWork


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One thing that the person is asked."""

    work: OpenWork
    text: str
    """What it is, in a few lines: the deal, its amount, by when in the person's own time, why."""
    answer: str
    """How to answer, at the command line and over HTTP. A channel with buttons may leave it out."""
    link: str | None = None
    """Where to look at it."""


@dataclass(frozen=True, kw_only=True)
class PersonalMessage:
    """A message to one person."""

    id: str
    """Names the message for good, as an effect's id does. Nobody's address is in it."""
    at: datetime
    """When it is sent, by the wall clock."""
    subject: str
    """One line."""
    opening: str = ""
    items: tuple[WorkItem, ...]
    closing: str = ""

    @property
    def text(self) -> str:
        """The whole message as plain text."""
        items = ("\n".join(filter(None, (item.text, item.link, item.answer))) for item in self.items)
        return "\n\n".join(filter(None, (self.opening, *items, self.closing))) + "\n"
