"""A stage that somebody sets in the CRM: taken over, or put back with what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright.facts import CrmStageMoved, Fact
from dealwright.identity import run_key
from dealwright.playbook.language.stages import Stage
from dealwright.rules.crm.record import after, is_news
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.stages import leave, missing_at

POINT = "crm-stage"
"""The point of attention of a deal whose stage in the CRM is none that can be taken over or put back."""
_PUT_BACK_AT_MOST = 3
"""How often a stage is put back in one visit: what moves the deal more often than that is no person."""
_LATE = "older than what is known"
_MOVED_HERE_ONLY = "the playbook alone moves this deal"


class Edit(NamedTuple):
    """What is made of a stage that was set in the CRM."""

    stage: str
    to: Stage | None = None
    """The stage that the deal enters."""
    no_news: str | None = None
    """Why it enters none."""
    put_back: str | None = None
    """What people are told who find the deal where it was."""
    unsettled: str | None = None
    """What somebody has to see to, since the CRM keeps what was set there."""
    in_crm: dict[str, str | None] = {}


def judge(context: DecisionContext, fact: Fact, at: datetime) -> Edit | None:
    """What is made of a stage that was set in the CRM; None where the playbook leaves it at that."""
    rules, state = context.playbook.crm, context.state
    if not isinstance(fact, CrmStageMoved) or rules is None or state.finished:
        return None
    known, stage = state.in_crm.get("stage"), context.playbook.stage(fact.stage)
    if not is_news(known, at):
        return Edit(fact.stage, no_news=_LATE)
    if stage is None:
        text = f"The CRM has this deal in {fact.stage!r}, which is no stage of the playbook: say which one is meant"
        return Edit(fact.stage, no_news="the playbook has no such stage", unsettled=text)
    in_crm = {"stage": after(stage.name, known, at)}
    if state.visit_since is not None and at < state.visit_since[0]:
        return Edit(stage.name, no_news=_LATE, in_crm=in_crm)
    if stage is context.stage:
        return Edit(stage.name, no_news="known already", in_crm=in_crm)
    missing = _missing_on_the_way(context, stage) if rules.stage_edits == "check" else ()
    if not missing and rules.stage_edits != "revert":
        return Edit(stage.name, to=stage, in_crm=in_crm)
    because = f"missing: {', '.join(missing)}" if missing else _MOVED_HERE_ONLY
    if state.put_back >= _PUT_BACK_AT_MOST:
        text = f"Something moves this deal to {stage.name} in the CRM again and again: {because}"
        return Edit(stage.name, no_news=f"it was put back often enough; {because}", unsettled=text)
    return Edit(stage.name, no_news=f"put back; {because}", put_back=because, in_crm=in_crm)


def act_on(context: DecisionContext, edit: Edit, by: str | None) -> None:
    """Tell whoever has the deal what became of the edit. A stage to enter is entered once plays have heard of it."""
    if edit.unsettled is not None:
        context.settle_attention(POINT, "the stage was set anew")
        context.ask_attention(POINT, edit.unsettled[:300])
        _tell(context, edit.unsettled)
        return
    if edit.in_crm:
        context.settle_attention(POINT, "the stage was set anew")
    whom = f" by {by}" if by else ""
    if edit.to is not None:
        context.crm.move = (edit.to, f"moved in the CRM{whom}")
    if edit.put_back is not None:
        context.crm.note = f"Moved to {edit.stage}{whom}, and back to {context.stage.name}: {edit.put_back}"
        _tell(context, f"{context.crm.note} (deal {context.deal.id})")


def follow(context: DecisionContext) -> bool:
    """Enter the stage that somebody moved the deal to in the CRM. True when the deal moved."""
    move, context.crm.move = context.crm.move, None
    if move is None or move[0] is context.stage:
        return False
    leave(context, *move)
    return True


def _tell(context: DecisionContext, text: str) -> None:
    role = context.state.owner_role or context.stage.owner
    key = run_key("crm-stage", context.state.visit, context.state.entries)
    context.tell(role, text, context.id_for(key, "told"))


def _missing_on_the_way(context: DecisionContext, to: Stage) -> tuple[str, ...]:
    """What the hard gates miss of the stage that is left, and of those that are passed over; back, nothing holds."""
    here, there = context.playbook.position(context.stage.name), context.playbook.position(to.name)
    gates = (stage.gate for stage in context.playbook.stages[here:there] if stage.gate is not None and stage.gate.hard)
    return tuple(dict.fromkeys(words for gate in gates for words in missing_at(context, gate)))
