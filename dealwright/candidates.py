"""Who of a pool may be chosen, as far as the playbook and the deal say."""

from __future__ import annotations

from dealwright.deal import Person
from dealwright.values.recorded import AwareDatetime, Recorded


class Candidate(Recorded):
    """Somebody of a pool, and how many deals may come to them."""

    person: Person
    weight: int = 1
    capacity: int | None = None
    """How many open deals they have at the most; None for any number."""
    fits: bool = True
    """Whether the deal is in their territory."""
    at_work_from: AwareDatetime | None = None
    """When they are at work next, where that counts."""
    cover: str | None = None
    """Who of the pool takes their turns while they are away, by ``Person.key``."""
