"""What the playbook makes of a deal in points: scores, each point explained, and the levels that follow."""

from __future__ import annotations

from typing import Literal

from dealwright.entries.base import EntryBase
from dealwright.values.recorded import AwareDatetime, Recorded

_MOST_SAID = 5


class ScorePoint(Recorded):
    """Points that a score gives, and for what."""

    give: int
    why: str
    at: AwareDatetime | None = None
    """When that happened which they are given for, and they begin to fade; None for what is given while it is so."""

    def words(self) -> str:
        """The points as people read them: ``+15 buying signal seen: pricing_page (2026-03-02)``."""
        return f"{self.give:+} {self.why}{f' ({self.at:%Y-%m-%d})' if self.at else ''}"


class ScoreWorkedOut(EntryBase):
    """A score has other points than before, or has faded past a number that the playbook asks for."""

    kind: Literal["score_worked_out"] = "score_worked_out"
    score: str
    value: int
    """In whole points, at that time."""
    was: int = 0
    """What it was before, at that time."""
    points: tuple[ScorePoint, ...] = ()
    """All that it is made of, as they were given."""
    gained: tuple[ScorePoint, ...] = ()
    lost: tuple[ScorePoint, ...] = ()
    falls_at: AwareDatetime | None = None
    """When it will have faded past a number that the playbook asks for, if nothing comes before."""

    def sentence(self) -> str:
        said = [one.words() for one in self.gained] + [f"no longer {one.words()}" for one in self.lost]
        more = f" and {len(said) - _MOST_SAID} more" if len(said) > _MOST_SAID else ""
        return f"Score {self.score} is {self.value}: {', '.join(said[:_MOST_SAID]) or f'faded from {self.was}'}{more}"


class LevelChanged(EntryBase):
    """The deal reached a level of the playbook, or is below it again."""

    kind: Literal["level_changed"] = "level_changed"
    level: str
    reached: bool
    why: str
    """What the level asks for, in words."""
    scores: dict[str, int] = {}
    """The scores at that time."""

    def sentence(self) -> str:
        scores = ", ".join(f"{name} {value}" for name, value in self.scores.items())
        return f"Level {self.level} {'reached' if self.reached else 'lost'}{f' ({scores})' if scores else ''}"
