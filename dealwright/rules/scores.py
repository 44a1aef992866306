"""Scores and levels: worked out anew with whatever is known and with time, each change written down."""

from __future__ import annotations

from collections import Counter

from dealwright import entries as e
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.scores import Score, answers_differ
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Standing


def keep_up(context: DecisionContext) -> None:
    """Write down which points came and went, and which levels are reached or lost by it."""
    clock = context.clock
    for name, score in context.playbook.scores.items():
        _work_out(context, name, score, clock)
    for level in [*context.playbook.levels, *context.state.levels]:
        _look_at(context, level, clock)


def _work_out(context: DecisionContext, name: str, score: Score, clock: Clock) -> None:
    before = context.state.scores.get(name)
    points = score.points_of(context.state, clock, before.points if before is not None else ())
    if before is None:
        if not points:
            return
        before = Standing(value=0, at=context.now)
    asked, value = context.playbook.asked_of_scores.get(name, ()), score.value(points, context.now)
    if points == before.points and not answers_differ(value, before.value, asked):
        return
    gained, lost = Counter(points) - Counter(before.points), Counter(before.points) - Counter(points)
    context.note(
        e.ScoreWorkedOut(
            at=context.now, score=name, value=value, was=score.value(before.points, before.at), points=points,
            gained=tuple(gained.elements()), lost=tuple(lost.elements()),
            falls_at=score.falls_at(points, context.now, asked),
        )
    )  # fmt: skip


def _look_at(context: DecisionContext, level: str, clock: Clock) -> None:
    condition = context.playbook.levels.get(level)
    reached = condition is not None and condition.test(context.state, None, clock)
    if reached is (level in context.state.levels):
        return
    scores = {name: one.value for name, one in context.state.scores.items()}
    why = condition.words() if condition is not None else "the playbook has no such level"
    context.note(e.LevelChanged(at=context.now, level=level, reached=reached, why=why, scores=scores))
    context.happen("level_reached" if reached else "level_lost", level)
