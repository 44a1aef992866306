"""Scores and levels, as the rules worked them out."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold.applying import Apply, happen
from dealwright.state import DealState, Standing


def _score_worked_out(state: DealState, entry: e.ScoreWorkedOut) -> None:
    state.scores[entry.score] = Standing(value=entry.value, at=entry.at, points=entry.points, falls_at=entry.falls_at)


def _level_changed(state: DealState, entry: e.LevelChanged) -> None:
    if entry.reached:
        state.levels[entry.level] = entry.at
    else:
        state.levels.pop(entry.level, None)
    happen(state, "level_reached" if entry.reached else "level_lost", entry.at, entry.level)


APPLY: dict[str, Apply] = {"score_worked_out": _score_worked_out, "level_changed": _level_changed}
