"""Signals a deal that a touch it believes uncertain was handed over after all."""

from __future__ import annotations

from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from dealwright.facts import TouchConfirmed
from dealwright.identity import workflow_id


async def confirm_by_signal(deal_id: str, effect_id: str) -> None:
    """Signal the deal from inside an activity; a deal that is over need not know.

    Raises:
        RPCError: Temporal does not answer. The ledger has the result; a person settles the deal's question.
    """
    fact = TouchConfirmed(id=f"late-{effect_id}", effect=effect_id, source="ledger")
    deal = activity.client().get_workflow_handle(workflow_id(deal_id))
    try:
        await deal.signal(TouchConfirmed.name, fact.model_dump(mode="json", exclude_none=True))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
