"""Lists of deals, from Temporal's search attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from temporalio.client import WorkflowExecution

from dealwright.decision import Attributes
from dealwright.identity import WORKFLOW_TYPE, deal_id_of
from dealwright.values.recorded import AwareDatetime, Recorded

DealStatus = Literal["open", "finished", "any"]
_STATUS_FILTERS: dict[DealStatus, str] = {
    "open": "ExecutionStatus = 'Running'",
    # A deal that goes on as a new run leaves closed runs behind: they are not finished deals.
    # One that failed is an opening that was refused: no deal of that content ever lived.
    "finished": "ExecutionStatus NOT IN ('Running', 'ContinuedAsNew', 'Failed')",
    "any": "ExecutionStatus NOT IN ('ContinuedAsNew', 'Failed')",
}


class FoundDeal(Recorded):
    """A deal in a list, as its search attributes show it; ``snapshot`` tells more."""

    deal_id: str
    stage: str | None = None
    owner_role: str | None = None
    account: str | None = None
    outcome: str | None = None
    playbook: str | None = None
    amount: float | None = None
    currency: str | None = None
    score: float | None = None
    health: float | None = None
    stage_entered_at: AwareDatetime | None = None
    renewal_at: AwareDatetime | None = None
    needs_attention: bool = False
    finished: bool = False


class FoundDeals(Recorded):
    """One page of a list; ``next_page`` asks for the next one, and is None at the end."""

    deals: tuple[FoundDeal, ...]
    next_page: bytes | None = None


def query_for(
    status: DealStatus, *, stage: str | None = None, owner_role: str | None = None, needs_attention: bool | None = None
) -> str:
    """Temporal's list filter for these deals."""
    tests = [f"WorkflowType = '{WORKFLOW_TYPE}'", _STATUS_FILTERS[status]]
    for attribute, value in (("DealStage", stage), ("DealOwner", owner_role)):
        if value is not None:
            tests.append(f"{attribute} = {_quoted(value)}")
    if needs_attention is True:
        tests.append("NeedsAttention = true")
    elif needs_attention is False:
        tests.append("(NeedsAttention = false OR NeedsAttention IS NULL)")
    return " AND ".join(tests)


def found(executions: Sequence[WorkflowExecution]) -> tuple[FoundDeal, ...]:
    """The deals that these runs are of."""
    return tuple(_found(execution) for execution in executions)


def _found(execution: WorkflowExecution) -> FoundDeal:
    values: Mapping[str, object] = {pair.key.name: pair.value for pair in execution.typed_search_attributes}
    known = Attributes.model_validate(values)
    return FoundDeal(
        deal_id=deal_id_of(execution.id),
        stage=known.DealStage,
        owner_role=known.DealOwner,
        account=known.DealAccount,
        outcome=known.DealOutcome,
        playbook=known.DealPlaybook,
        amount=known.DealAmount,
        currency=known.DealCurrency,
        score=known.DealScore,
        health=known.DealHealth,
        stage_entered_at=known.StageEnteredAt,
        renewal_at=known.RenewalAt,
        needs_attention=bool(known.NeedsAttention),
        finished=execution.close_time is not None,
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
