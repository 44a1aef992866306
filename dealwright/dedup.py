"""Which facts and commands a deal has seen: kept by time, longer than any source redelivers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

KEPT_FOR = timedelta(days=30)
"""Longer than the longest redelivery of any source (Stripe: three days), and than an outage of our own."""
_CONTENT = 8
"""Characters of a content's fingerprint that are kept: there are many ids, and two contents of one id are few."""


class SeenIds:
    """Ids seen in the last 30 days of the deal's time, as short digests by day, each with that of what it said."""

    def __init__(self, days: Mapping[str, Iterable[str]] | None = None) -> None:
        self._days = {day: dict(map(_parted, seen)) for day, seen in (days or {}).items()}

    def is_new(self, id_: str, now: datetime, content: str = "") -> bool:
        """Remember an id; False when it was seen before."""
        digest = _digest(id_)
        if self._content(digest) is not None:
            return False
        today = now.date().isoformat()
        if today not in self._days:
            oldest = (now - KEPT_FOR).date().isoformat()
            self._days = {day: digests for day, digests in self._days.items() if day >= oldest}
        self._days.setdefault(today, {})[digest] = content[:_CONTENT]
        return True

    def is_another(self, id_: str, now: datetime, content: str) -> bool:
        """Whether an id that was seen before says something else now, for the first time."""
        before = self._content(_digest(id_))
        if not before or before == content[:_CONTENT]:
            return False
        return self.is_new(f"{id_} {content[:_CONTENT]}", now)

    def also(self, days: Mapping[str, Iterable[str]]) -> None:
        """Know what an earlier run of the deal had seen, too."""
        for day, seen in days.items():
            self._days[day] = dict(map(_parted, seen)) | self._days.get(day, {})

    def by_day(self) -> dict[str, list[str]]:
        """What a later run of the deal needs to go on."""
        return {
            day: [f"{digest}:{content}" if content else digest for digest, content in digests.items()]
            for day, digests in self._days.items()
        }

    def _content(self, digest: str) -> str | None:
        return next((digests[digest] for digests in self._days.values() if digest in digests), None)


def _digest(id_: str) -> str:
    return hashlib.sha256(id_.encode()).hexdigest()[:16]


def _parted(seen: str) -> tuple[str, str]:
    digest, _, content = seen.partition(":")
    return digest, content
