"""Open work follows its role: whoever holds it now has what waits for it; suggestions go with the deal."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.rules import handoffs, suggestions
from dealwright.rules.approvals import asking
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import give_task


def follow_roles(context: DecisionContext) -> bool:
    """Give open work to whoever holds its role by now. True when any changed hands.

    Whatever changed the holder: a command, a fact, another playbook. Work of a role whose holder is the same person
    stays as it is, and so does what was given before it was remembered to whom.
    """
    state, gave = context.state, False
    for task in list(state.tasks.values()):
        if _is_anothers(context, task.role, task.given_to):
            _tell_story(context, "task", task.id, task.title, task.role)
            give_task(context, task)
            gave = True
    for approval in list(state.approvals.values()):
        if approval.chain and _is_anothers(context, approval.waits_for, approval.given_to):
            until = asking.time_to_answer(context, approval)
            _tell_story(context, "approval", approval.id, f"approval {approval.name}", approval.waits_for, until)
            asking.give(context, state.approvals[approval.id])
            gave = True
    for handoff in list(state.handoffs.values()):
        if handoff.accept_by is not None and _is_anothers(context, handoff.to_role, handoff.given_to):
            _tell_story(context, "handoff", handoff.id, f"handoff {handoff.name}", handoff.to_role)
            handoffs.give(context, state.handoffs[handoff.id])
            gave = True
    return suggestions.give(context) or gave


def _is_anothers(context: DecisionContext, role: str, given_to: str | None) -> bool:
    if given_to is None or context.given_to(role) == given_to:
        return False
    return (
        role in context.playbook.roles or context.holder(role) is not None
    )  # a role that is no more has no new holder


def _tell_story(
    context: DecisionContext, what: str, id_: str, label: str, role: str, until: datetime | None = None
) -> None:
    person = context.holder(role)
    context.note(
        e.WorkGiven(
            at=context.now, what=what, id=id_, label=label, role=role, person=person.name if person else None,
            given_to=context.given_to(role), answer_by=until,
        )
    )  # fmt: skip
