"""A task is done, whoever says so: what follows from it."""

from __future__ import annotations

from dealwright.deal import Known
from dealwright.facts import CrmTaskCompleted, Fact
from dealwright.rules import handoffs
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.declared_words import mind_notes
from dealwright.rules.planning import plan_next
from dealwright.rules.tasks import finish_task
from dealwright.state import Task


def complete(context: DecisionContext, task: Task, by: str, result: str | None, learned: Known | None = None) -> None:
    """Finish an open task, and let go on what waited for it; ``learned`` is what whoever did it found out."""
    finish_task(context, task, by, result, learned)
    mind_notes(context, learned)
    if task.settles:
        handoffs.mended(context, task.settles)
    if task.gates_next and task.run and task.step is not None:
        plan_next(context, task.run, task.step, context.now)


def mind(context: DecisionContext, fact: Fact) -> None:
    """Finish the task that somebody completed in the CRM, if it is still open."""
    if not isinstance(fact, CrmTaskCompleted) or (task := context.state.tasks.get(fact.task)) is None:
        return
    complete(context, task, fact.by or "somebody in the CRM", fact.result)
