"""Reconciles the mailbox with the ledger after the demo, and replays every run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from temporalio.client import Client
from temporalio.worker import Replayer

from dealwright.identity import workflow_id
from local.mailbox import ReceivedMail
from runtime.plugin import deals_plugin
from store import ledger, told_work
from store.database import Store
from store.ledger import LedgerState
from store.work_messages import WorkMessage
from workflows.deal import DealWorkflow

_ON_ITS_WAY = {LedgerState.CLAIMED, LedgerState.HANDING_OVER}
_LOOKS, _POLL_SECONDS = 200, 0.05


@dataclass
class Reconciliation:
    """What was counted; ``faults`` is empty when all is well."""

    messages: int = 0
    about_work: int = 0
    """Those of the messages that tell people of their work."""
    effects: int = 0
    runs: int = 0
    events: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


async def reconcile(
    store: Store,
    client: Client,
    received_so_far: Callable[[], Sequence[ReceivedMail]],
    deal_ids: Sequence[str],
    told: Sequence[WorkMessage],
) -> Reconciliation:
    """Compare what the mailbox received with what the ledger says was handed over, and replay every run.

    ``told`` are the messages about people's work. The mailbox is read once nothing is on its way any more: a message
    that was, would be missing there.
    """
    await _until_handed_over(store, client, deal_ids)
    messages = received_so_far()
    counted = Reconciliation(messages=len(messages))
    received = Counter(message.effect for message in messages)
    for deal_id in deal_ids:
        await _count_effects(store, deal_id, received, counted)
        await _replay(client, deal_id, counted)
    _count_work_messages(told, received, counted)
    known = {one.id for one in told}
    for effect in received:
        if effect is None or (effect.partition("/")[0] not in deal_ids and effect not in known):
            counted.faults.append(f"a message belongs to no effect of the demo: {effect}")
    return counted


async def _until_handed_over(store: Store, client: Client, deal_ids: Sequence[str]) -> None:
    """Wait a few seconds for deals that live on: one may hand something over at this moment, or be about to."""
    for _ in range(_LOOKS):
        if not any([await is_at_work(store, client, deal_id) for deal_id in deal_ids]):
            return
        await asyncio.sleep(_POLL_SECONDS)


async def is_at_work(store: Store, client: Client, deal_id: str) -> bool:
    """Whether a deal hands something over at this moment, or is about to."""
    described = (await client.get_workflow_handle(workflow_id(deal_id)).describe()).raw_description
    rows = await ledger.of_deal(store, deal_id)
    return (
        bool(described.pending_activities)
        or described.HasField("pending_workflow_task")
        or any(row.state in _ON_ITS_WAY for row in rows)
    )


async def _count_effects(store: Store, deal_id: str, received: Counter[str | None], counted: Reconciliation) -> None:
    letters = await told_work.tellers_of(store, deal_id)  # a colleague without an address gets none
    for row in await ledger.of_deal(store, deal_id):
        counted.effects += 1
        counted.by_kind[row.kind] += 1
        done = row.state is LedgerState.RECORDED and row.result is not None and row.result.status == "done"
        expected = 1 if done and (row.kind == "send_email" or row.effect_id in letters) else 0
        _compare(row.effect_id, expected, received, counted)
        if row.state in {*_ON_ITS_WAY, LedgerState.UNCERTAIN}:
            counted.faults.append(f"{row.effect_id}: left {row.state.value}")


def _count_work_messages(told: Sequence[WorkMessage], received: Counter[str | None], counted: Reconciliation) -> None:
    for one in told:
        expected = 1 if (one.channel, one.state) == ("mail", "done") else 0
        counted.about_work += expected
        _compare(one.id, expected, received, counted)
        if one.state not in {"done", "skipped"}:
            counted.faults.append(f"{one.id}: left {one.state}: {one.reason}")


def _compare(message: str, expected: int, received: Counter[str | None], counted: Reconciliation) -> None:
    if received[message] != expected:
        counted.faults.append(f"{message}: the ledger says {expected}, the mailbox has {received[message]}")


async def _replay(client: Client, deal_id: str, counted: Reconciliation) -> None:
    replayer = Replayer(workflows=[DealWorkflow], plugins=[deals_plugin()])
    query = f'WorkflowId = "{workflow_id(deal_id)}"'
    async for run in client.list_workflows(query):
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        counted.runs += 1
        counted.events += len(history.events)
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure:
            counted.faults.append(f"{deal_id}: run {run.run_id} does not replay: {result.replay_failure}")
