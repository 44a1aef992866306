"""What whoever did a task says of it: which of its outcomes it was, what they filled in, what they noted down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dealwright.commands import CompleteTask
from dealwright.deal import Known, OwnValue, in_words
from dealwright.diagnostics.diagnostic import BadInput, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted
from dealwright.playbook.language.own_fields import OwnField, unknown_field
from dealwright.playbook.language.paths import STATUS
from dealwright.qualification import STATUSES, Qualification, Standing
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Task


def learned_by(context: DecisionContext, task: Task, command: CompleteTask) -> Known | None:
    """What the deal learns from what somebody says who did a task; None for nothing.

    Raises:
        BadInput: the outcome is missing or none of the task's, or what was filled in cannot stand there.
    """
    wrong = [*_wrong_outcome(task, command.outcome), *_wrong_fills(context, task, command.fills)]
    if wrong:
        raise BadInput(wrong)
    return _with_standing(context, _with_filled(_noted(task, command.notes), task, command.fills), task, command.fills)


def _wrong_outcome(task: Task, outcome: str | None) -> Iterator[Diagnostic]:
    if outcome in task.outcomes:
        return
    listed = f"outcomes are {', '.join(task.outcomes)}"
    if outcome is None:
        if task.outcomes:
            yield Diagnostic(("outcome",), "this task is done in one of several ways", f"say which: {listed}")
    elif not task.outcomes:
        yield Diagnostic(("outcome",), "this task has no outcomes", "leave it out, and say it as the result")
    else:
        problem = f"{quoted(outcome)} is no outcome of this task"
        yield Diagnostic(("outcome",), problem, did_you_mean(outcome, task.outcomes, listed))


def _wrong_fills(context: DecisionContext, task: Task, fills: Mapping[str, OwnValue]) -> Iterator[Diagnostic]:
    for name, value in fills.items():
        part, _, field = task.fills.get(name, "").partition(".")
        if not part:
            problem = f"{quoted(name)} is nothing that this task asks for"
            listed = f"it asks for {', '.join(task.fills)}" if task.fills else "leave it out, or say it in notes"
            yield Diagnostic(("fills", name[:60]), problem, did_you_mean(name, task.fills, listed))
        elif part == "fields":
            yield from _wrong_field(("fills", name), field, value, context.playbook.fields)
        elif field.endswith(STATUS) and value not in STATUSES:
            problem, listed = f"{quoted(str(value))} does not say how sure it is", f"write {', '.join(STATUSES)}"
            yield Diagnostic(("fills", name), problem, did_you_mean(str(value), STATUSES, listed))
        elif isinstance(value, str) and not value.strip():
            yield Diagnostic(("fills", name), "nothing is filled in", "write what it is, or leave it out")


def _wrong_field(
    place: tuple[str, ...], field: str, value: OwnValue, declared: Mapping[str, OwnField]
) -> Iterator[Diagnostic]:
    if (unknown := unknown_field(field, declared)) is not None:
        yield unknown.under(*place)
    elif (refusal := declared[field].refusal(value)) is not None:
        yield Diagnostic(place, *refusal)


def _noted(task: Task, notes: Mapping[str, str]) -> Known | None:
    """What somebody noted down; an answer to BANT or MEDDIC that the task asked for qualifies the deal too."""
    if not notes:
        return None
    answers = {name: notes[name] for name in task.asks if name in Qualification.model_fields and notes.get(name)}
    learned = Known(notes=dict(notes))
    return learned.model_copy(update={"qualification": Qualification.model_validate(answers)}) if answers else learned


def _with_filled(noted: Known | None, task: Task, fills: Mapping[str, OwnValue]) -> Known | None:
    if not fills:
        return noted
    of_parts: dict[str, dict[str, OwnValue]] = {}
    for name, value in fills.items():
        part, _, field = task.fills[name].partition(".")
        if field.endswith(STATUS):
            continue
        of_parts.setdefault(part, {})[field] = value if part == "fields" else in_words(value)
    learned = noted or Known()
    told: dict[str, object] = {}
    if "fields" in of_parts:
        told["fields"] = of_parts["fields"]
    if "notes" in of_parts:
        told["notes"] = {**(learned.notes or {}), **of_parts["notes"]}
    if "qualification" in of_parts:
        answers = learned.qualification.model_dump(exclude_none=True) if learned.qualification else {}
        told["qualification"] = Qualification.model_validate({**answers, **of_parts["qualification"]})
    return Known.model_validate({**learned.changes(), **told})


def _with_standing(
    context: DecisionContext, learned: Known | None, task: Task, fills: Mapping[str, OwnValue]
) -> Known | None:
    """With how sure the answers are of which that was filled in: those that are given, or known already."""
    standing: dict[str, Standing] = {}
    for name, status in fills.items():
        question = task.fills[name].removeprefix("qualification.").removesuffix(STATUS)
        told = (learned.qualification if learned else None, context.deal.qualification)
        answer = next(filter(None, (getattr(one, question, None) for one in told)), None)
        if task.fills[name].endswith(STATUS) and answer is not None:
            standing[question] = Standing(answer=answer, status=str(status))
    if not standing:
        return learned
    return (learned or Known()).model_copy(update={"standing": standing})
