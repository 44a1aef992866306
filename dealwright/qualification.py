"""What is found out of whether a deal is worth the work: BANT, MEDDIC and MEDDPICC, and how sure the answers are."""

from __future__ import annotations

from typing import Literal

from dealwright.values.recorded import Recorded

BANT = ("budget", "authority", "need", "timeline")
MEDDIC = ("metrics", "economic_buyer", "decision_criteria", "decision_process", "pain", "champion")
MEDDPICC = (*MEDDIC, "paper_process", "competition")
STATUSES = ("named", "met", "verified")
"""How sure an answer is, the least sure first: somebody told us, we heard it from whom it is about, it is shown."""


class Qualification(Recorded):
    """BANT and MEDDPICC, each answer in the words of whoever found it out. What is unknown is missing."""

    budget: str | None = None
    authority: str | None = None
    need: str | None = None
    timeline: str | None = None
    metrics: str | None = None
    economic_buyer: str | None = None
    decision_criteria: str | None = None
    decision_process: str | None = None
    pain: str | None = None
    champion: str | None = None
    paper_process: str | None = None
    competition: str | None = None

    @property
    def bant(self) -> int:
        """How many of the four BANT answers are known."""
        return self._known_of(BANT)

    @property
    def meddic(self) -> int:
        """How many of the six MEDDIC answers are known."""
        return self._known_of(MEDDIC)

    @property
    def meddpicc(self) -> int:
        """How many of the eight MEDDPICC answers are known."""
        return self._known_of(MEDDPICC)

    def _known_of(self, questions: tuple[str, ...]) -> int:
        return sum(bool(getattr(self, question)) for question in questions)


class Standing(Recorded):
    """How sure an answer of the qualification is, and what shows it."""

    answer: str
    """The answer that is meant: of another one, it says nothing."""
    status: Literal["named", "met", "verified"] | str | None = None
    evidence: str | None = None
    """What shows it: a call, a mail, a document."""
