"""How often each fact happened: its last times, by when they were, whatever order they were told in."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.state import Counted, DealState

MOST_COUNTED = 20
"""As many times of each fact are kept, the last ones: no playbook counts further."""


def keep_up(state: DealState, entry: e.FactTaken) -> None:
    """Count a fact that was taken in, if it counts at all, and count no more what it takes back."""
    if entry.no_news is None:
        count(state, entry)
    if (retracted := entry.retracts or entry.takes_back_older) is not None:
        _take_back(state, retracted, entry)


def count(state: DealState, entry: e.FactTaken) -> None:
    """Keep one more time of a fact. What two systems tell of one moment is one time, unless it is about others."""
    key = f"{entry.fact}:{entry.variant}" if entry.variant else entry.fact
    known, told = state.counted.get(key, ()), set(entry.concerns)
    at_once = [one for one in known if (one.at, one.about) == (entry.happened_at, entry.about)]
    same = [one for one in at_once if not one.concerns or not told.isdisjoint(one.concerns)]
    if (at_once and not told) or any(told.issubset(one.concerns) for one in same):
        return
    one = Counted(number=state.entries, at=entry.happened_at, about=entry.about, concerns=entry.concerns)
    if same:
        everybody = told.union(*(each.concerns for each in same))
        one = same[0].model_copy(update={"concerns": tuple(sorted(everybody))})
    others = [each for each in known if each not in same]
    state.counted[key] = tuple(sorted((*others, one), key=_order))[-MOST_COUNTED:]


def _order(one: Counted) -> tuple[datetime, str, tuple[str, ...]]:
    return one.at, one.about or "", one.concerns


def _take_back(state: DealState, fact: str, entry: e.FactTaken) -> None:
    """Count no more what is not so: all times of a fact up to the retraction's, or those about its thing."""
    if entry.takes_back_older is not None:
        state.retracted[fact] = max(entry.happened_at, state.retracted.get(fact, entry.happened_at))
    for key in [key for key in state.counted if key.partition(":")[0] == fact]:
        stays = [
            one for one in state.counted[key] if one.at > entry.happened_at or entry.about not in {None, one.about}
        ]
        if stays:
            state.counted[key] = tuple(stays)
        else:
            del state.counted[key]
