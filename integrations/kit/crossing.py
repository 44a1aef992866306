"""Two updates of one record that cross: the older one is written last, by another worker, and would stay.

Before it writes, each update notes in the mirror what it is about to write, and when that was decided (the deal's
time). Afterwards it looks: where something later was noted meanwhile and the record shows the older value, it writes
the later one. Whoever writes last has looked last, so that the record ends with what was decided last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

MOST_ROUNDS = 3
"""Times that a record is put right within one call. What crosses more often is tried again later."""


@dataclass(frozen=True)
class Decided:
    """What was last decided of a property, and at which time of the deal's."""

    value: str | None
    at: datetime


def crossed(
    mine: Mapping[str, str | None], at: datetime, shown: Mapping[str, str | None], decided: Mapping[str, Decided]
) -> dict[str, str | None]:
    """What has to be written after an update of ``at``: properties that show its value in the place of a later one."""
    later = {name: one.value for name, one in decided.items() if one.at > at}
    return {
        name: later[name]
        for name, value in mine.items()
        if name in later and later[name] != value and shown.get(name) == value
    }
