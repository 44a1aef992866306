"""What a running deal was opened with, whoever opened it."""

from __future__ import annotations

from pydantic import ValidationError
from temporalio.client import Client

from deals.admission import BadDeal, admit, content_hash
from deals.decision import DealStart
from deals.identity import DEFAULT_PLAYBOOK
from starter.asking import Run


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
