"""The fold: how a deal's entries become its state.

It is replayed for as long as a deal lives, so it is dumb on purpose: it keeps what an entry says and works
nothing out. It is total: an entry that it does not know changes nothing.
"""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold import (
    billing,
    commands,
    documents,
    enrolments,
    facts,
    life,
    plays,
    scores,
    stages,
    suggestions,
    work,
)
from dealwright.fold.applying import Apply
from dealwright.state import DealState

_APPLY: dict[str, Apply] = {
    **life.APPLY, **facts.APPLY, **stages.APPLY, **plays.APPLY, **work.APPLY, **scores.APPLY, **commands.APPLY,
    **billing.APPLY, **suggestions.APPLY, **enrolments.APPLY, **documents.APPLY,
}  # fmt: skip


def fold(state: DealState, entry: e.Entry) -> e.Entry:
    """Apply an entry to the state, and return it with its number."""
    state.entries += 1
    numbered = entry if entry.number == state.entries else entry.model_copy(update={"number": state.entries})
    if apply := _APPLY.get(getattr(entry, "kind", "")):
        apply(state, numbered)
    return numbered
