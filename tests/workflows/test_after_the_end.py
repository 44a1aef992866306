"""A deal whose life is over: what comes for it, how it is reopened, and that nothing touches its story."""

from __future__ import annotations

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.service import RPCError

from dealwright.commands import Close, Reopen
from dealwright.facts import DealLost, ReplyReceived
from dealwright.identity import TASK_QUEUE, WORKFLOW_TYPE, workflow_id
from gateway import deal_service
from store import journal
from store.finished import finished
from tests.temporal_environment import new_deal_id, wait_until
from tests.workflows.world import STEADY, World

pytestmark = pytest.mark.server


async def finish(world: World) -> str:
    deal_id = await world.open()
    await world.deals.record(deal_id, DealLost())
    await world.run_of(deal_id).result()
    return deal_id


async def kinds(world: World, deal_id: str) -> list[str]:
    """The whole story in the journal, in order, without a gap."""
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert await journal.undone(world.store, deal_id) == []
    return [line.kind for line in lines]


async def forget(world: World, deal_id: str) -> None:
    """Let Temporal forget a finished deal."""
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


@pytest.mark.parametrize("known", [True, False], ids=["Temporal knows it", "Temporal has forgotten it"])
async def test_a_reply_to_a_finished_deal_reaches_its_last_owner_once(world: World, known: bool) -> None:
    deal_id = await finish(world)
    before = await kinds(world, deal_id)
    if not known:
        await forget(world, deal_id)

    for _ in range(2):
        await deal_service.tell(world.deals, world.store, deal_id, ReplyReceived(id="r1", sentiment="interested"))
        assert await world.run_of(deal_id).result() == "lost"

    after = await kinds(world, deal_id)
    assert after[: len(before)] == before
    news = after[len(before) :]
    assert (news.count("fact_taken"), news.count("task_opened")) == (1, 1)
    assert (await world.deals.snapshot(deal_id)).outcome == "lost"
    assert await finished(world.store, deal_id) is not None


async def test_a_finished_deal_is_reopened_and_lives_on_and_may_end_again(world: World) -> None:
    deal_id = await finish(world)

    verdict = await world.deals.command(deal_id, Reopen(by="Bo", why="they answered"))

    assert (verdict.accepted, verdict.decided) == (True, True)
    seen = await world.settle(deal_id)
    assert (seen.finished, seen.outcome) == (False, None)

    async def the_store_has_heard() -> bool:
        return await finished(world.store, deal_id) is None

    await wait_until(the_store_has_heard)
    await world.deals.command(deal_id, Close(by="Bo", why="no", outcome="lost"))
    assert await world.run_of(deal_id).result() == "lost"
    assert (await kinds(world, deal_id)).count("deal_closed") == 2
    assert await finished(world.store, deal_id) is not None


async def test_a_deal_that_temporal_has_forgotten_is_reopened(world: World) -> None:
    deal_id = await finish(world)
    await forget(world, deal_id)

    verdict = await deal_service.command(world.deals, world.store, deal_id, Reopen(by="Bo", why="x"), "c1")

    assert verdict.accepted
    assert (await world.deals.snapshot(deal_id)).finished is False


async def test_a_run_that_was_never_let_in_leaves_a_finished_deals_story_alone(idle_world: World) -> None:
    async with idle_world.at_work():
        deal_id = await finish(idle_world)
    before = await kinds(idle_world, deal_id)
    start = {"deal": {"id": deal_id}, "playbook": STEADY}
    again = await idle_world.client.start_workflow(WORKFLOW_TYPE, start, id=workflow_id(deal_id), task_queue=TASK_QUEUE)
    await idle_world.deals.record(deal_id, ReplyReceived(id="r1"))
    await again.cancel()

    async with idle_world.at_work():
        with pytest.raises(WorkflowFailureError):
            await again.result()

    assert await kinds(idle_world, deal_id) == before
    assert await finished(idle_world.store, deal_id) is not None


async def test_a_deal_that_has_no_finished_story_is_not_gone_on_with(world: World) -> None:
    deal_id = new_deal_id()
    await world.deals.go_on(deal_id)

    with pytest.raises(WorkflowFailureError):
        await world.run_of(deal_id).result()
    assert await kinds(world, deal_id) == []


async def test_what_a_start_from_outside_says_was_carried_over_is_ignored(world: World) -> None:
    deal_id = new_deal_id()
    carried = {"state": {"entries": 7, "stage": "customer", "outcome": "won"}, "decided": True}
    start = {"deal": {"id": deal_id}, "playbook": STEADY, "carried": carried}
    await world.client.start_workflow(WORKFLOW_TYPE, start, id=workflow_id(deal_id), task_queue=TASK_QUEUE)

    seen = await world.settle(deal_id)

    async def is_in_the_journal() -> bool:  # which is written once it is decided
        return (await kinds(world, deal_id))[:1] == ["deal_opened"]

    assert seen.outcome is None
    await wait_until(is_in_the_journal)
    assert (await world.run_of(deal_id).describe()).status is WorkflowExecutionStatus.RUNNING
