"""What becomes of a step whose time has come: it is behind its run, left out, put off, or no longer wanted."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.playbook.language.steps.step import Step
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Pending, Run

_NOTHING_HOLDS = {"held_in": None, "held_for": None, "held_by": None, "held_while": None}
NO_SUCH_STEP = "the playbook no longer has this step"


def put_behind(context: DecisionContext, run: Run, index: int) -> None:
    """A step whose action is not one effect is behind its run all the same."""
    if (current := context.state.runs.get(run.key)) and index in current.planned:
        context.note(e.StepDone(at=context.now, run=run.key, index=index, label=current.planned[index].label))


def skip(
    context: DecisionContext, run: Run, index: int, why: str, step: Step | None = None, *, otherwise: bool = False
) -> None:
    """Leave a step out. Skipped is not done: plays may hear of it. ``otherwise``: its ``else`` comes instead."""
    label = run.planned[index].label
    context.note(
        e.StepSkipped(
            at=context.now, run=run.key, index=index, label=label, why=why, otherwise=True if otherwise else None
        )
    )
    if step is not None:
        context.happen("step_skipped", step.subject, contact=run.contact)


def plan_again(
    context: DecisionContext, run: Run, index: int, at: datetime, why: str, **held: int | str | None
) -> None:
    """Put a step off; ``held`` says what holds it: a visit's gate, a contact who is away, an approval."""
    again: dict[str, object] = {"due_at": at, "planned_at": context.now, **_NOTHING_HOLDS, **held}
    planned = run.planned[index].model_copy(update=again)
    context.note(e.StepPlanned(at=context.now, run=run.key, planned=planned, why=why))


def settle_unwanted(context: DecisionContext, pending: Pending, why: str) -> None:
    """What was not handed over, and is not wanted any more, is not tried again."""
    context.note(pending.called_off(context.now, why))
    context.settle_attention(f"effect:{pending.effect}", "no longer wanted")
