"""Plays that a deal stops when it adopts another playbook, and takes up again when it goes back."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from dealwright.identity import of_run
from dealwright.playbook.language.plays import Play
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import not_before_now, plan
from dealwright.state import Run


def set_aside(context: DecisionContext, run: Run, play: Play) -> None:
    """Keep where a run is, before it is stopped.

    What was asked for and is called off is asked for again when the deal goes back. A message that is just on its
    way is not: whether it was in time to be called off is not known yet, and none goes out twice.
    """
    asked = sorted(index for index in set(_asked_for(context, run)) if index < len(play.actions))
    planned = dict(run.planned)
    for index in asked:
        if index not in planned:
            planned[index] = plan(context, play, index, context.now, run.contact).model_copy(
                update={"due_at": context.now}
            )
    open_names = {play.step_names[index] for index in asked}
    behind = tuple(name for name in run.behind if name not in open_names)
    context.note(
        e.PlaySetAside(
            at=context.now, run=run.key, play=run.play, behind=behind,
            planned=tuple(planned[index] for index in sorted(planned)), contact=run.contact,
        )
    )  # fmt: skip


def _asked_for(context: DecisionContext, run: Run) -> Iterator[int]:
    """The steps whose task, approval or handoff is open, or whose message waits to be tried again."""
    state = context.state
    for asked in (state.tasks.values(), state.approvals.values(), state.handoffs.values()):
        yield from (one.step for one in asked if one.run == run.key and one.step is not None)
    for pending in state.pending.values():
        if pending.run == run.key and pending.step is not None and pending.again_at is not None:
            yield pending.step


def take_up(context: DecisionContext, run: Run, play: Play) -> str:
    """Let a run go on that was set aside: what was to come comes at its time, or now if that has gone by. Says so."""
    planned = tuple(
        step if step.dated else step.model_copy(update={"due_at": not_before_now(context, play, step, run.contact)})
        for step in run.planned.values()
    )
    context.note(e.PlayTakenUp(at=context.now, run=run.key, play=run.play, planned=planned, contact=run.contact))
    at = f" at step {min(step.index for step in planned) + 1}" if planned and play.steps else ""
    return f"{of_run(run.play, run.contact)} is taken up again{at}"
