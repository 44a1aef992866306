"""After the end: the last owner hears of what a person should hear of, and a person may reopen the deal."""

from __future__ import annotations

from deals import commands as c
from deals import entries as e
from deals.decision import Verdict
from deals.durations import Span
from deals.facts import Fact, FactRetracted
from deals.identity import run_key
from deals.rules import stages
from deals.rules.desk import Desk
from deals.rules.tasks import ask

TASK = "answer_after_the_end"
"""The task by which the last owner is asked what becomes of a finished deal after all."""
_SOON = Span.parse("1bd")


def tell_the_last_owner(desk: Desk, fact: Fact) -> None:
    """Tell whoever owned the finished deal, and ask them what becomes of it, once until they have done it."""
    state = desk.state
    role = state.owner_role or desk.stage.owner
    what = fact.name.replace("_", " ") + (f" ({fact.variant})" if fact.variant else "")
    title = f"{what[0].upper()}{what[1:]}, and the deal is {state.outcome}: answer, and reopen it if it goes on"
    key = run_key("after-the-end", state.visit, state.told_after_end)
    desk.tell(role, f"{title} (deal {desk.deal.id})", desk.id_for(key, "told"))
    if not any(task.name == TASK for task in state.tasks.values()):
        ask(desk, desk.id_for(key, "ask"), title[:200], role, desk.by_then(role, _SOON), name=TASK)


def go_on_after_all(desk: Desk, fact: FactRetracted) -> bool:
    """Reopen a deal when that which ended it was none. True when it was."""
    if desk.playbook.ended_by(fact.retracts) != desk.state.outcome:
        return False
    why = f"{fact.retracts.replace('_', ' ')} was taken back"
    desk.note(e.DealReopened(at=desk.now, by=fact.by or "dealwright", why=why, was=desk.state.outcome or ""))
    stages.enter(desk, desk.stage, why)
    return True


def reopen(desk: Desk, command: c.Reopen) -> Verdict:
    """Let a finished deal go on, in the stage that it was in or the one that is named."""
    if not desk.state.finished:
        return Verdict(accepted=False, text="The deal is open: there is nothing to reopen.")
    stage = desk.playbook.stage(command.stage or desk.state.stage or "")
    if stage is None:
        names = ", ".join(each.name for each in desk.playbook.stages)
        return Verdict(accepted=False, text=f"There is no stage {command.stage!r}. Stages are: {names}.")
    desk.note(e.DealReopened(at=desk.now, by=command.by, why=command.why, was=desk.state.outcome or ""))
    stages.enter(desk, stage, f"reopened by {command.by}: {command.why}")
    return Verdict(accepted=True, text=f"The deal is open again, in {stage.name}.")
