"""Questions that reach a deal in the middle of its decisions."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from dealwright.commands import Acknowledge
from dealwright.facts import UsageReported
from runtime.plugin import deals_plugin
from tests.workflows.world import World
from workflows.deal import DealWorkflow

pytestmark = pytest.mark.server
NOTHING = Acknowledge(by="Ana", why="test", point="nothing")


async def test_questions_while_a_deal_decides_do_not_spoil_its_replay(idle_world: World) -> None:
    """The server hands questions over with the workflow tasks in which a deal decides, and more comes in meanwhile."""
    deal_id = await idle_world.open()
    deals, told = idle_world.deals, asyncio.Event()

    async def tell() -> None:
        for _ in range(60):
            await deals.record(deal_id, UsageReported(id=uuid4().hex, health=50))

    async def command() -> None:
        for _ in range(20):
            await deals.command(deal_id, NOTHING)

    async def ask() -> None:
        while not told.is_set():
            await deals.story(deal_id)

    async with idle_world.at_work():
        questions = [asyncio.create_task(ask()) for _ in range(2)]
        await asyncio.gather(tell(), tell(), command(), command())
        told.set()
        await asyncio.gather(*questions)
    history = await idle_world.run_of(deal_id).fetch_history()
    replayer = Replayer(workflows=[DealWorkflow], plugins=[deals_plugin()])
    await replayer.replay_workflow(WorkflowHistory(history.workflow_id, history.events))
