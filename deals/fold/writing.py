"""What the writers of entries have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from deals.deal import Known
from deals.state import DealState, Happened

Writer: TypeAlias = Callable[[DealState, Any], None]
"""Writes an entry of its kind down in the state."""


def happen(state: DealState, name: str, at: datetime, variant: str | None = None) -> None:
    """Remember when a fact or event last happened, also under its variant."""
    state.happened[name] = happened = Happened(number=state.entries, at=at)
    if variant is not None:
        state.happened[f"{name}:{variant}"] = happened


def learn(state: DealState, learned: Known | None) -> None:
    """Let the deal know more."""
    if learned is not None and state.deal is not None:
        state.deal = state.deal.knowing(learned)


def change_run(state: DealState, key: str | None, **changes: Any) -> None:  # noqa: ANN401 - fields of Run
    """Write down what is new about a run, if it still goes on."""
    if key is not None and (run := state.runs.get(key)):
        state.runs[key] = run.model_copy(update=changes)
