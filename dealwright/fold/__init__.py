"""The fold: how a deal's entries become its state.

It is replayed for as long as a deal lives, so it is dumb on purpose: it writes down what an entry says and works
nothing out. It is total: an entry that it does not know changes nothing.
"""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold import commands, life, people, plays
from dealwright.fold.writing import Writer
from dealwright.state import DealState

_WRITERS: dict[str, Writer] = {**life.WRITERS, **plays.WRITERS, **people.WRITERS, **commands.WRITERS}


def fold(state: DealState, entry: e.Entry) -> e.Entry:
    """Write an entry down in the state, and return it with its number."""
    state.entries += 1
    numbered = entry if entry.number == state.entries else entry.model_copy(update={"number": state.entries})
    if writer := _WRITERS.get(getattr(entry, "kind", "")):
        writer(state, numbered)
    return numbered
