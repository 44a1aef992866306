"""Why a deal ends: a reason that the playbook lists, with what it needs. What nobody said is asked by a task.

A command that lacks a part is refused, and says which. A fact tells what happened already: the deal ends by it, and
whoever had the deal is asked; or it is held first, where the playbook says so (``held_ends``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dealwright import commands as c
from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.deal import EndReason
from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted
from dealwright.facts import Fact
from dealwright.identity import run_key
from dealwright.playbook.language.model import Playbook
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import ask, cancel_task
from dealwright.state import Task

TASK = "say_why_it_ended"
"""The task by which the last owner is asked for the reason of a deal's end."""
BEFORE = "say_why_it_ends"
"""The task by which the owner of a deal that is held is asked for the reason of its end."""
_SOON = Span.parse("1bd")
_IN_WORDS = {"reason_code": "the reason", "competitor": "which competitor", "back_on": "when to come back"}
_NEEDED = {
    "competitor": "say which competitor it was: competitor",
    "back_on": "say on which day to come back, such as 2026-01-31: back_on",
}


def lacking(playbook: Playbook, outcome: str, why: EndReason) -> Iterator[Diagnostic]:
    """What is missing or wrong in the reason for an outcome; nothing where the playbook lists none for it."""
    reasons = playbook.reasons_for(outcome)
    if reasons is None:
        return
    listed = f"reasons for {outcome} are {', '.join(reasons)}"
    if why.reason_code is None:
        yield Diagnostic(("reason_code",), "the reason is missing", listed, code="missing")
    elif why.reason_code not in reasons:
        problem = f"{quoted(why.reason_code)} is no reason for {outcome} in this playbook"
        yield Diagnostic(("reason_code",), problem, did_you_mean(why.reason_code, reasons, listed))
    else:
        for need in reasons[why.reason_code].needs:
            if getattr(why, need) in (None, ""):
                yield Diagnostic((need,), f"{why.reason_code} needs more", _NEEDED[need], code="missing")


def wrong_code(playbook: Playbook, fact: Fact) -> Diagnostic | None:
    """Why the reason that a fact gives is none; None when it is one, or none is given."""
    if (why := reason_in(fact)) is None or why.reason_code is None or fact.explains is None:
        return None
    outcome = playbook.ended_by(fact.name) or fact.explains
    return next((one for one in lacking(playbook, outcome, why) if one.place == ("reason_code",)), None)


def reason_in(said: object) -> EndReason | None:
    """What a fact, command or entry says of why a deal ends; None when that is nothing."""
    given = {name: getattr(said, name, None) for name in EndReason.model_fields}
    return EndReason.model_validate(given) if any(value is not None for value in given.values()) else None


def what_lacks(missing: Iterable[Diagnostic]) -> str:
    """What is missing in a reason, in words for the title of a task; its fields' names are in the task's text."""
    return ", ".join(_IN_WORDS[str(one.place[0])] for one in missing)


def ask_for_what_is_missing(context: DecisionContext, outcome: str) -> None:
    """Ask whoever had the deal that has just ended for the reason, as far as nobody said it."""
    missing = [*lacking(context.playbook, outcome, context.state.ended_for or EndReason())]
    if not missing:
        return
    role = context.state.owner_role or context.stage.owner
    task = context.id_for(run_key("why-it-ended", context.state.visit, context.state.entries), "ask")
    title = f"Say why the deal is {outcome}: {what_lacks(missing)}"
    ask(context, task, title, role, context.by_then(role, _SOON), name=TASK, detail=" ".join(map(str, missing)))


def refusal(context: DecisionContext, task: Task, command: c.CompleteTask) -> str | None:
    """Why a task is not done by what somebody says of the deal's end; None when it is."""
    said = reason_in(command)
    if task.name not in {TASK, BEFORE}:
        return None if said is None else "This task asks for no reason of the deal's end."
    held = context.state.pause.ending if context.state.pause else None
    outcome, told = (held.outcome, held) if held else (context.state.outcome or "", context.state.ended_for)
    why = EndReason.model_validate({**(reason_in(told) or EndReason()).changes(), **(said.changes() if said else {})})
    return " ".join(map(str, lacking(context.playbook, outcome, why))) or None


def explain(context: DecisionContext, task: Task, command: c.CompleteTask) -> None:
    """Write down the reason that somebody gave after the end."""
    if task.name == TASK and (said := reason_in(command)) is not None:
        told = (context.state.ended_for or EndReason()).model_copy(update=said.changes())
        context.note(e.EndExplained(at=context.now, by=command.by, **told.changes()))


def no_longer_ask(context: DecisionContext) -> None:
    """The deal goes on: nobody needs to say why it ended."""
    for task in [task for task in context.state.tasks.values() if task.name == TASK]:
        cancel_task(context, task, "the deal goes on")
