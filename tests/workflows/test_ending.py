"""How deals end, and what may never happen to one that has: another life under its id, or a touch sent again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.service import RPCError

from dealwright.client.errors import DealFinished, DealNotLetIn
from dealwright.contract import DecideRequest
from dealwright.facts import ContractSigned, DealLost, LeadQualified, ReplyReceived, UsageReported
from dealwright.identity import TASK_QUEUE, WORKFLOW_TYPE, workflow_id
from store import journal, ledger
from store.ledger import LedgerState
from tests.temporal_environment import wait_until
from tests.workflows.world import STEADY, World, of_type

pytestmark = pytest.mark.server


async def kinds(world: World, deal_id: str) -> list[str]:
    return [line.kind for line in await journal.story(world.store, deal_id)]


async def subjects(world: World, deal_id: str) -> list[str]:
    return [letter.subject for letter in world.letters(deal_id)]


# --- the end of a life ----------------------------------------------------------------------------------------------


async def test_a_deal_ends_with_its_outcome_and_its_whole_story_in_the_journal(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    await world.settle(deal_id)
    await world.deals.record(deal_id, DealLost(reason="Bought elsewhere"))
    assert await world.run_of(deal_id).result() == "lost"
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert any(line.sentence == "Closed: lost - Bought elsewhere" for line in lines)


async def test_a_contract_that_lapses_ends_the_deal_years_later(world: World) -> None:
    deal_id = await world.open()
    today = (await world.now(deal_id)).date()
    await world.deals.record(deal_id, ContractSigned(starts_on=today, ends_on=today + timedelta(days=729)))
    await world.see(deal_id, lambda seen: seen.stage == "customer")
    await world.pass_time(deal_id, timedelta(days=800))
    assert await world.run_of(deal_id).result() == "churned"


async def finish(world: World) -> str:
    deal_id = await world.open()
    await world.deals.record(deal_id, DealLost())
    await world.run_of(deal_id).result()
    return deal_id


async def test_a_finished_id_is_not_opened_again(world: World) -> None:
    deal_id = await finish(world)
    with pytest.raises(DealFinished):
        await world.deals.open({"id": deal_id}, STEADY)


async def test_a_finished_id_is_not_opened_again_though_temporal_has_forgotten_it(world: World) -> None:
    deal_id = await finish(world)
    execution = WorkflowExecution(workflow_id=workflow_id(deal_id))
    await world.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(namespace=world.client.namespace, workflow_execution=execution)
    )

    async def forgotten() -> bool:
        try:
            await world.run_of(deal_id).describe()
        except RPCError:
            return True
        return False

    await wait_until(forgotten)
    with pytest.raises(DealNotLetIn, match="has lived already"):
        await world.deals.open({"id": deal_id}, STEADY)
    with pytest.raises(WorkflowFailureError) as refused:
        await world.run_of(deal_id).result()
    assert isinstance(refused.value.cause, ApplicationError)
    assert f"Deal {deal_id} has lived already (lost on " in refused.value.cause.message


async def test_a_plain_start_of_a_finished_id_is_refused_by_the_deal_itself(world: World) -> None:
    deal_id = await finish(world)
    before = await kinds(world, deal_id)
    start = {"deal": {"id": deal_id}, "playbook": STEADY}
    again = await world.client.start_workflow(WORKFLOW_TYPE, start, id=workflow_id(deal_id), task_queue=TASK_QUEUE)
    with pytest.raises(WorkflowFailureError):
        await again.result()
    assert await kinds(world, deal_id) == before


# --- cancelled in Temporal ------------------------------------------------------------------------------------------


async def cancelled(world: World, deal_id: str) -> None:
    with pytest.raises(WorkflowFailureError) as ended:
        await world.run_of(deal_id).result()
    assert isinstance(ended.value.cause, CancelledError)
    assert (await world.run_of(deal_id).describe()).status is WorkflowExecutionStatus.CANCELED


async def test_a_cancelled_deal_calls_off_what_is_on_its_way_and_says_so_in_the_journal(world: World) -> None:
    deal_id = await world.open()
    async with world.without_mail():
        await world.deals.record(deal_id, LeadQualified(level="sql"))

        async def on_its_way() -> bool:
            rows = await ledger.of_deal(world.store, deal_id)
            return any(row.kind == "send_email" and row.last_error for row in rows)

        await wait_until(on_its_way)
        await world.run_of(deal_id).cancel()
        await world.pass_time(deal_id, timedelta(minutes=10))
        await cancelled(world, deal_id)
    assert await subjects(world, deal_id) == []
    states = {row.kind: row.state for row in await ledger.of_deal(world.store, deal_id)}
    assert states["send_email"] is LedgerState.WITHDRAWN
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert any(line.sentence == "Closed: cancelled - Cancelled in Temporal" for line in lines)
    assert lines[-1].sentence.startswith("Send one (cadence, step 1): withdrawn")


async def test_a_cancelled_id_is_not_opened_again(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    await world.run_of(deal_id).cancel()
    await cancelled(world, deal_id)
    start = {"deal": {"id": deal_id}, "playbook": STEADY}
    again = await world.client.start_workflow(WORKFLOW_TYPE, start, id=workflow_id(deal_id), task_queue=TASK_QUEUE)
    with pytest.raises(WorkflowFailureError) as refused:
        await again.result()
    assert "has lived already (cancelled on" in str(refused.value.cause)


async def test_what_a_cancelled_deal_had_not_decided_is_kept(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    await world.run_of(deal_id).signal("email_opened", {"id": "quiet"})
    await world.run_of(deal_id).cancel()
    await cancelled(world, deal_id)
    lines = await journal.story(world.store, deal_id)
    assert any(line.entry.get("id") == "quiet" for line in lines)


async def test_a_deal_cancelled_while_it_decides_ends_like_any_other(idle_world: World) -> None:
    deciding, go_on = asyncio.Event(), asyncio.Event()

    async def wait(request: DecideRequest) -> None:
        if request.inbox and not go_on.is_set():
            deciding.set()
            await go_on.wait()

    deal_id = await idle_world.open()
    async with idle_world.at_work(wait):
        await idle_world.see(deal_id, lambda seen: seen.stage == "talking")
        await idle_world.deals.record(deal_id, UsageReported(id="1", health=10))
        await deciding.wait()
        await idle_world.run_of(deal_id).cancel()
        go_on.set()
        await cancelled(idle_world, deal_id)
    assert "deal_closed" in await kinds(idle_world, deal_id)


async def broken(request: DecideRequest) -> None:
    if request.inbox:
        raise RuntimeError("no rule holds")


@pytest.mark.parametrize("opened", [True, False], ids=["in its life", "before it was let in"])
async def test_a_parked_deal_that_is_cancelled_ends_and_what_it_could_not_decide_is_kept(
    idle_world: World, opened: bool
) -> None:
    deal_id = await idle_world.open()
    if opened:
        async with idle_world.at_work():
            await idle_world.settle(deal_id)
    await idle_world.deals.record(deal_id, UsageReported(id="1", health=10))
    async with idle_world.at_work(broken):
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        await idle_world.run_of(deal_id).cancel()
        await cancelled(idle_world, deal_id)
    lines = await journal.story(idle_world.store, deal_id)
    assert [line.entry["id"] for line in lines if line.kind == "fact_refused"] == ["1"]
    assert lines[-1].number == len(lines)


async def test_a_cancelled_deal_does_not_wait_for_the_next_time_of_a_message_that_was_put_off(world: World) -> None:
    deal_id = await world.open()
    today = (await world.now(deal_id)).date()
    async with world.without_mail():
        await world.deals.record(deal_id, ContractSigned(starts_on=today, ends_on=today + timedelta(days=364)))
        await world.see(deal_id, lambda seen: seen.stage == "customer")
        await world.pass_time(deal_id, timedelta(minutes=6))
        away = ReplyReceived(sentiment="out_of_office", returns_on=today + timedelta(days=60))
        await world.deals.record(deal_id, away)
        await world.settle(deal_id)
        await world.pass_time(deal_id, timedelta(minutes=20))
        assert "Try again: Send welcome" in str((await world.settle(deal_id)).next_action)
    await world.run_of(deal_id).cancel()
    await asyncio.wait_for(cancelled(world, deal_id), 20)
    lines = await journal.story(world.store, deal_id)
    assert lines[-1].sentence.startswith("Send welcome (welcome, step 1): withdrawn")
    states = {
        row.effect_id: row.state for row in await ledger.of_deal(world.store, deal_id) if row.kind == "send_email"
    }
    assert list(states.values()) == [LedgerState.WITHDRAWN]


async def test_a_worker_that_forgets_a_deal_does_not_cancel_it(idle_world: World) -> None:
    deal_id = await idle_world.open()
    for _ in range(3):  # each worker evicts the deal when it stops
        async with idle_world.at_work():
            await idle_world.settle(deal_id)
    assert (await idle_world.run_of(deal_id).describe()).status is WorkflowExecutionStatus.RUNNING
    assert "deal_closed" not in await kinds(idle_world, deal_id)


# --- reset in the middle ----------------------------------------------------------------------------------------------


async def reset(world: World, deal_id: str, at: datetime) -> None:
    """Reset the deal to its first workflow task that ended at ``at`` or later, as one does in the UI."""
    history = await world.history(deal_id)
    completed = of_type(history, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    event = next(event for event in completed if event.event_time.ToDatetime(at.tzinfo) >= at)
    run = await world.run_of(deal_id).describe()
    request = ResetWorkflowExecutionRequest(
        namespace=world.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow_id(deal_id), run_id=run.run_id),
        reason="test",
        request_id=deal_id,
        workflow_task_finish_event_id=event.event_id,
    )
    await world.client.workflow_service.reset_workflow_execution(request)


async def test_a_deal_that_is_reset_hands_nothing_over_again_and_lives_on(world: World) -> None:
    deal_id = await world.open()
    opened = await world.now(deal_id)
    await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
    await world.see(deal_id, lambda seen: seen.next_action is not None and "two" in seen.next_action)
    await world.pass_time(deal_id, timedelta(days=1, hours=1))
    assert await subjects(world, deal_id) == ["Message one", "Message two"]
    await reset(world, deal_id, opened)
    await world.settle(deal_id)
    await world.see(deal_id, lambda seen: seen.next_action is not None and "two" in seen.next_action)
    await world.pass_time(deal_id, timedelta(days=5))
    assert await subjects(world, deal_id) == ["Message one", "Message two", "Message three"]
    rows = [row for row in await ledger.of_deal(world.store, deal_id) if row.kind == "send_email"]
    assert [(row.state, row.hand_overs) for row in rows] == [(LedgerState.RECORDED, 1)] * 3
    await world.deals.record(deal_id, DealLost(id="lost"))
    assert await world.run_of(deal_id).result() == "lost"
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


async def test_what_a_deal_was_told_before_it_was_reset_is_told_again_by_temporal(world: World) -> None:
    deal_id = await world.open()
    opened = await world.now(deal_id)
    for number in range(4):
        await world.deals.record(deal_id, UsageReported(id=str(number), health=50))
        await world.settle(deal_id)
    await reset(world, deal_id, opened)
    await world.settle(deal_id)
    assert await world.facts(deal_id) == ["0", "1", "2", "3"]
