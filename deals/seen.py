"""Which facts and commands a deal has seen: kept by time, longer than any source redelivers."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

KEPT_FOR = timedelta(days=30)
"""Longer than the longest redelivery of any source (Stripe: three days), and than an outage of our own."""


class SeenIds:
    """Ids seen in the last 30 days of the deal's time, as short digests by day."""

    def __init__(self, days: dict[str, list[str]] | None = None) -> None:
        self._days = {day: dict.fromkeys(digests) for day, digests in (days or {}).items()}

    def is_new(self, id_: str, now: datetime) -> bool:
        """Remember an id; False when it was seen before."""
        digest = hashlib.sha256(id_.encode()).hexdigest()[:16]
        if any(digest in digests for digests in self._days.values()):
            return False
        today = now.date().isoformat()
        if today not in self._days:
            oldest = (now - KEPT_FOR).date().isoformat()
            self._days = {day: digests for day, digests in self._days.items() if day >= oldest}
        self._days.setdefault(today, {})[digest] = None
        return True

    def by_day(self) -> dict[str, list[str]]:
        """What a later run of the deal needs to go on."""
        return {day: list(digests) for day, digests in self._days.items()}
