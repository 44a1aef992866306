"""A record that was deleted in the CRM, or merged with another deal's: somebody says what becomes of the deal."""

from __future__ import annotations

from dealwright.calendar.durations import Span
from dealwright.facts import CrmDealDeleted, CrmDealMerged, Fact, FactRetracted
from dealwright.identity import run_key
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import ask, cancel_task

TASK = "settle_crm_record"
"""The task by which the owner is asked what becomes of a deal whose record is gone, or is another deal's too."""
_DELETED = "crm-deleted"
_SOON = Span.parse("1bd")


def mind(context: DecisionContext, fact: Fact) -> None:
    """Ask what becomes of the deal. Nothing is lost here, and nothing more is written there while it is deleted."""
    match fact:
        case CrmDealDeleted():
            title = "The deal was deleted in the CRM: restore it there, or close it here"
            _ask(context, _DELETED, title)
        case CrmDealMerged(deal=str(other)) if other != context.deal.id:
            title = f"Two deals have one record in the CRM, this one and {other}: close one of them"
            _ask(context, f"crm-merged:{other}", title)
        case FactRetracted(retracts=CrmDealDeleted.name):
            _is_back(context)


def _ask(context: DecisionContext, point: str, title: str) -> None:
    if point in context.state.attention:
        return
    context.ask_attention(point, title[:300])
    role = context.state.owner_role or context.stage.owner
    id_ = context.id_for(run_key(point.partition(":")[0], context.state.visit, context.state.entries), "ask")
    ask(context, id_, title[:200], role, context.by_then(role, _SOON), name=TASK)


def _is_back(context: DecisionContext) -> None:
    context.settle_attention(_DELETED, "it is back in the CRM")
    for task in [task for task in context.state.tasks.values() if f"/{_DELETED}/" in task.id]:
        cancel_task(context, task, "it is back in the CRM")
    context.crm.look_again = True
