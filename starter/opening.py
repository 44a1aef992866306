"""What a deal was opened with, whoever opened it, and whether it was let in."""

from __future__ import annotations

import asyncio

from pydantic import ValidationError
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError

from deals.admission import BadDeal, admit, content_hash
from deals.decision import DealStart
from deals.identity import DEFAULT_PLAYBOOK
from starter.asking import Run

_UNDECIDED = 3
"""Events of a run that no decision was made in: it started, and its first task was handed out."""
_PAUSE = 0.05


async def opened_as(client: Client, run: Run) -> str | None:
    """The hash of the content (:func:`deals.admission.content_hash`); None when it was no deal that can be let in.

    Raises:
        RPCError: as Temporal answers.
    """
    first = await anext(run.fetch_history_events(page_size=1))
    payloads = first.workflow_execution_started_event_attributes.input.payloads
    try:
        start = DealStart.model_validate((await client.data_converter.decode(payloads))[0])
        return content_hash(admit(start.deal), start.playbook or DEFAULT_PLAYBOOK)
    except (IndexError, BadDeal, ValidationError):
        return None


async def why_refused(run: Run, seconds: float) -> str | None:
    """Why a deal that was just opened was not let in; None when it was, or when nobody decided it in this time.

    Raises:
        RPCError: as Temporal answers.
    """
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        seen = await run.describe()
        if seen.status is WorkflowExecutionStatus.FAILED:
            return await _failure(run)
        if seen.history_length > _UNDECIDED:
            return None
        await asyncio.sleep(_PAUSE)
    return None


async def _failure(run: Run) -> str:
    try:
        await run.result()
    except WorkflowFailureError as error:
        return str(error.cause)
    return ""
