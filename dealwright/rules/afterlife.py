"""After the end: the last owner hears of what a person should hear of, and a person may reopen the deal."""

from __future__ import annotations

from dealwright import commands as c
from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.decision import Verdict
from dealwright.facts import Fact, FactRetracted
from dealwright.identity import run_key
from dealwright.rules import reasons, stages
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import ask

TASK = "answer_after_the_end"
"""The task by which the last owner is asked what becomes of a finished deal after all."""
_SOON = Span.parse("1bd")


def tell_the_last_owner(context: DecisionContext, fact: Fact) -> None:
    """Tell whoever owned the finished deal, and ask them what becomes of it, once until they have done it."""
    state = context.state
    role = state.owner_role or context.stage.owner
    what = fact.name.replace("_", " ") + (f" ({fact.variant})" if fact.variant else "")
    title = f"{what[0].upper()}{what[1:]}, and the deal is {state.outcome}: answer, and reopen it if it goes on"
    key = run_key("after-the-end", state.visit, state.told_after_end)
    context.tell(role, f"{title} (deal {context.deal.id})", context.id_for(key, "told"))
    if not any(task.name == TASK for task in state.tasks.values()):
        ask(context, context.id_for(key, "ask"), title[:200], role, context.by_then(role, _SOON), name=TASK)


def go_on_after_all(context: DecisionContext, fact: FactRetracted) -> bool:
    """Reopen a deal when that which ended it was none. True when it was."""
    if context.playbook.ended_by(fact.retracts) != context.state.outcome:
        return False
    why = f"{fact.retracts.replace('_', ' ')} was taken back"
    context.note(e.DealReopened(at=context.now, by=fact.by or "dealwright", why=why, was=context.state.outcome or ""))
    reasons.no_longer_ask(context)
    stages.enter(context, context.stage, why)
    return True


def reopen(context: DecisionContext, command: c.Reopen) -> Verdict:
    """Let a finished deal go on, in the stage that it was in or the one that is named."""
    if not context.state.finished:
        return Verdict(accepted=False, text="The deal is open: there is nothing to reopen.")
    stage = context.playbook.stage(command.stage or context.state.stage or "")
    if stage is None:
        names = ", ".join(each.name for each in context.playbook.stages)
        return Verdict(accepted=False, text=f"There is no stage {command.stage!r}. Stages are: {names}.")
    context.note(e.DealReopened(at=context.now, by=command.by, why=command.why, was=context.state.outcome or ""))
    reasons.no_longer_ask(context)
    stages.enter(context, stage, f"reopened by {command.by}: {command.why}")
    return Verdict(accepted=True, text=f"The deal is open again, in {stage.name}.")
