"""How a deal stands in the playbook's scores."""

from __future__ import annotations

from dealwright.entries import ScorePoint
from dealwright.values.recorded import AwareDatetime, Recorded


class Standing(Recorded):
    """A score as it was worked out last."""

    value: int
    """In whole points, as it was then: it may have faded since, but past no number that the playbook asks for."""
    at: AwareDatetime
    points: tuple[ScorePoint, ...] = ()
    """What it is made of, as they were given."""
    falls_at: AwareDatetime | None = None
    """When it will have faded past a number that the playbook asks for."""
