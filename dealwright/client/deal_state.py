"""The whole state of a deal that runs, for programs that work out what would follow from something.

It is put together from what its run was started with and the entries since. Unlike ``snapshot`` it is no public
read model: it is what the rules look at, and changes with them.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from dealwright.client.errors import DealFinished, NoSuchDeal, TemporalAway
from dealwright.client.rpc import within
from dealwright.client.update_call import Run
from dealwright.decision import DealStart
from dealwright.entries import Entry
from dealwright.fold import fold
from dealwright.identity import workflow_id
from dealwright.state import DealState

_STORY: TypeAdapter[tuple[Entry, ...]] = TypeAdapter(tuple[Entry, ...])
_WAIT = timedelta(seconds=10)


async def read_state(client: Client, deal_id: str, *, wait: timedelta = _WAIT) -> DealState | None:
    """What the rules know of a deal that runs. Each of three questions may take as long as ``wait`` (wall clock).

    None where its present run does not tell it: a deal that was reopened goes on from its journal, and a run that
    has just begun may not have its first entries yet. Facts that wait in the inbox, since nothing waits for them, are
    not part of it.

    Raises:
        NoSuchDeal: nobody opened it.
        DealFinished: the deal's life is over.
        TemporalAway: Temporal did not answer, or no worker did.
    """
    id_, seconds = workflow_id(deal_id), wait.total_seconds()
    try:
        known = await within(seconds, client.get_workflow_handle(id_).describe())
    except RPCError as error:
        raise NoSuchDeal(deal_id) from error
    if known.status is not WorkflowExecutionStatus.RUNNING:
        raise DealFinished(deal_id)
    run: Run = client.get_workflow_handle(id_, run_id=known.run_id)  # so that both answers are of one run
    try:
        start = await within(seconds, _start_of(client, run))
        entries = _STORY.validate_python(await within(seconds, run.query("story"))) if start else ()
    except RPCError as error:
        raise TemporalAway("the deal is between two runs") from error
    return _folded(start, entries) if start else None


async def _start_of(client: Client, run: Run) -> DealStart | None:
    first = await anext(run.fetch_history_events(page_size=1))
    payloads = first.workflow_execution_started_event_attributes.input.payloads
    try:
        return DealStart.model_validate((await client.data_converter.decode(payloads))[0])
    except (IndexError, ValidationError):
        return None


def _folded(start: DealStart, entries: tuple[Entry, ...]) -> DealState | None:
    if start.after_the_end and start.carried is None:
        return None
    state = start.carried.state if start.carried else DealState()
    for entry in entries:
        if entry.number != state.entries + 1:
            return None
        fold(state, entry)
    return state if state.deal is not None else None
