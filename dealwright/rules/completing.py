"""A task is done, whoever says so: what follows from it."""

from __future__ import annotations

from dealwright.deal import Known
from dealwright.diagnostics.text import quoted
from dealwright.facts import CrmTaskCompleted, Fact
from dealwright.rules import enrolments, handoffs
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.declared_words import mind_notes
from dealwright.rules.planning import plan_next
from dealwright.rules.tasks import finish_task
from dealwright.state import Task


def complete(
    context: DecisionContext,
    task: Task,
    by: str,
    result: str | None,
    outcome: str | None = None,
    learned: Known | None = None,
) -> None:
    """Finish an open task, and let go on what waited for it; ``learned`` is what whoever did it found out."""
    finish_task(context, task, by, result, outcome, learned)
    if outcome is not None:
        context.settle_attention(_outcome_of(task), f"it was done again: {outcome}")
    mind_notes(context, learned)
    if task.settles:
        handoffs.mended(context, task.settles)
        if task.name == "mend_refused":
            enrolments.taken_out(context, task.settles, f"{by} took them out")
    if task.gates_next and task.run and task.step is not None:
        plan_next(context, task.run, task.step, context.now)


def mind(context: DecisionContext, fact: Fact) -> None:
    """Finish the task that somebody completed in the CRM, if it is still open."""
    if not isinstance(fact, CrmTaskCompleted) or (task := context.state.tasks.get(fact.task)) is None:
        return
    outcome = fact.outcome if fact.outcome in task.outcomes else None
    complete(context, task, fact.by or "somebody in the CRM", fact.result, outcome)
    if task.outcomes and outcome is None:
        given = f"with {quoted(fact.outcome)}, which is none of its outcomes" if fact.outcome else "without an outcome"
        text = f"{task.title} was completed in the CRM {given} ({', '.join(task.outcomes)}): see what should follow"
        context.ask_attention(_outcome_of(task), text)


def _outcome_of(task: Task) -> str:
    """The point of attention of a task of which nobody said how it ended."""
    return f"outcome:{task.name}"
