"""What somebody said was none, kept by the examiner itself: it believes no entry that says so of itself."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e


class TakenBack:
    """Until when facts were taken back, by their names."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def lets_count(self, entry: e.FactTaken) -> bool:
        """Take in a fact. False for one that was taken back before it came in: it is not so, and says nothing."""
        if (fact := entry.retracts or entry.takes_back_older) is not None:
            self._until[fact] = max(entry.happened_at, self._until.get(fact, entry.happened_at))
        until = self._until.get(entry.fact)
        return until is None or entry.happened_at > until
