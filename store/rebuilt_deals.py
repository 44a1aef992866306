"""Rebuilds a finished deal from its journal, so that it can go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dealwright.decision import Received, Restored
from dealwright.dedup import KEPT_FOR, SeenIds
from dealwright.entries import FactContradicted, FactRefused, FactTaken
from dealwright.fold import fold
from dealwright.state import DealState
from store import finished, journal
from store.database import Store

_RECENT = 5
"""Entries for the deal's page."""


@dataclass(frozen=True)
class RebuiltDeal:
    """What a run needs to go on from a finished deal."""

    restored: Restored

    @property
    def state(self) -> DealState:
        """Where the deal stood at its end."""
        return self.restored.state

    def is_new(self, item: Received, now: datetime) -> bool:
        """Whether the deal has not heard of it: sources deliver again, also after the end."""
        if item.kind != "fact" or item.id is None:
            return True
        return SeenIds(self.restored.seen).is_new(f"{item.name}:{item.id}", now)


async def rebuild(store: Store, deal_id: str) -> RebuiltDeal | None:
    """The story of a deal whose life is over; None when there is none, or it is not complete.

    Raises:
        StoreAway: the database does not answer.
    """
    if await finished.finished(store, deal_id) is None:
        return None
    lines = await journal.story(store, deal_id)
    if [line.number for line in lines] != list(range(1, len(lines) + 1)):
        return None
    state, seen = DealState(), SeenIds()
    entries = [fold(state, journal.ENTRY.validate_python(line.entry)) for line in lines]
    for entry in entries:
        told = entry if isinstance(entry, FactTaken | FactRefused | FactContradicted) else None
        if told is not None and told.id is not None and told.at > lines[-1].at - KEPT_FOR:
            seen.is_new(f"{told.fact}:{told.id}", told.at)
    if state.deal is None or not state.finished:
        return None
    return RebuiltDeal(Restored(state=state, seen=seen.by_day(), recent=tuple(entries[-_RECENT:])))
