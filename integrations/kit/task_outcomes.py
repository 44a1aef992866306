"""How a task ended, as a CRM says it, in the playbook's word for it.

A CRM has no field for the outcomes of a playbook's tasks. An installation names one of its own, or people write a line
into the task's text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST = 100
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_END_OF_LINE = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_MARK = re.compile(r"\bdw:[0-9a-f]{24}\b")


@dataclass(frozen=True)
class OutcomeWords:
    """The words for outcomes that an installation uses in its CRM."""

    theirs: Mapping[str, str] = field(default_factory=dict)
    """Outcomes of the playbook, each with the CRM's word for it. One that is not listed is called alike there, as
    ``Wrong person`` is ``wrong_person``."""
    label: str = "Outcome"
    """What a line of a text that says an outcome begins with: ``Outcome: voicemail``."""

    def ours(self, said: str | None) -> str | None:
        """The playbook's word for what a CRM says; None where it says nothing."""
        wanted = _plain(said or "")
        if not wanted:
            return None
        return next((ours for ours, theirs in self.theirs.items() if _plain(theirs) == wanted), wanted)

    def in_note(self, note: str | None) -> str | None:
        """The playbook's word for what a text (HTML) says of the outcome in its last line that does."""
        found = None
        for line in _lines(note or ""):
            label, colon, said = line.partition(":")
            if colon and label.strip().casefold() == self.label.casefold():
                found = self.ours(said) or found
        return found


def _plain(text: str) -> str:
    return _BETWEEN_WORDS.sub("_", text.strip().casefold()).strip("_.")[:_LONGEST]


def _lines(note: str) -> list[str]:
    text = html.unescape(_TAG.sub("", _END_OF_LINE.sub("\n", note)))
    return _MARK.sub("", text).splitlines()
