"""What a gate misses becomes the next questions: while it holds the deal, whoever has it is asked for just that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.identity import run_key
from dealwright.playbook.language.conditions import Test, compared_paths
from dealwright.playbook.language.paths import STATUS, Path, counted_from, is_told, known_path
from dealwright.rules import stages
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import cancel_task, open_task

TASK = "answer_for_the_gate"
"""The task by which they are asked."""
_AT_FIRST, _LATER = Span.parse("1bd"), Span.parse("5bd")
"""By when; the second for whoever said just now that it is done, although something is missing."""
_LONGEST_TITLE = 200


def ask(context: DecisionContext) -> bool:
    """Ask for what the gate that holds the deal misses, anew when that changes. True when anything changed."""
    asked = [task for task in context.state.tasks.values() if task.name == TASK]
    unmet = _unmet(context)
    fills, title = dict(_fills(context, unmet.values())), _title(context, unmet)
    stale = [task for task in asked if not unmet or (task.title, task.fills) != (title, fills)]
    for task in stale:
        cancel_task(context, task, "something else is missing" if unmet else "nothing is missing any more")
    if unmet and len(stale) == len(asked):
        _open(context, title, fills)
        return True
    return bool(stale)


def _unmet(context: DecisionContext) -> Mapping[str, Test]:
    gate = context.stage.gate
    if gate is None or not gate.hard or not gate.asks or not context.state.held_by:
        return {}
    return stages.unmet_at(context, gate)


def _title(context: DecisionContext, unmet: Iterable[str]) -> str:
    return f"To leave {context.stage.name}: {', '.join(unmet)}"[:_LONGEST_TITLE]


def _fills(context: DecisionContext, unmet: Iterable[Test]) -> Iterator[tuple[str, str]]:
    """What of it a person can say, each by its name and path: what is not known, or not as it should be."""
    for condition in unmet:
        for path in compared_paths(condition):
            for each in counted_from(path) or (path,):
                if is_told(each) and (path is each or each.compared(context.state) is None):
                    yield from _with_its_answer(context, each)


def _with_its_answer(context: DecisionContext, path: Path) -> Iterator[tuple[str, str]]:
    """What is asked for; of how sure an answer is, first the answer, if it is not known."""
    answer = path.text.removesuffix(STATUS)
    if answer != path.text and known_path(answer).compared(context.state) is None:
        yield answer.partition(".")[2], answer
    yield path.text.partition(".")[2].replace(".", "_"), path.text


def _open(context: DecisionContext, title: str, fills: dict[str, str]) -> None:
    state = context.state
    role = state.owner_role or context.stage.owner
    answered = state.happened.get(f"task_done:{TASK}")
    again = answered is not None and state.visit_since is not None and answered.at >= state.visit_since[0]
    detail = f"Fill in: {', '.join(name.replace('_', ' ') for name in fills)}." if fills else None
    opened = e.TaskOpened(
        at=context.now, task=context.id_for(run_key("gate", state.visit, state.entries), "task"), title=title,
        name=TASK, role=role, escalate=context.boss_of(role),
        due_at=context.by_then(role, _LATER if again else _AT_FIRST), fills=fills, detail=detail,
    )  # fmt: skip
    open_task(context, opened, detail)
