from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from integrations.kit.connections import read_connections
from integrations.kit.ports import PollingSource, TaskLists
from integrations.kit.simulator.process import RunningSimulator
from integrations.kit.tool import Connected
from integrations.registry import TOOLS
from local.simulators import write_connections
from local.webhook_receiver import WebhookReceiver
from store.database import Store
from tests.activities.conftest import Worker, receiver, worker
from tests.integrations.tasks.lists import Lists
from tests.integrations.tasks.tools import TASK_TOOLS, TaskTool
from tests.integrations.tool_account import close, database, gateway_door, running
from tests.simulators.forked import running_simulator
from tests.store.databases import database_url, migrated_sqlite, store

__all__ = ["database", "database_url", "gateway_door", "migrated_sqlite", "receiver", "running", "store", "worker"]


@pytest.fixture(scope="module", params=TASK_TOOLS, ids=[one.name for one in TASK_TOOLS])
def tool(request: pytest.FixtureRequest) -> TaskTool:
    """Each tool with lists of tasks, one after the other."""
    return cast("TaskTool", request.param)


@pytest.fixture(scope="module")
async def process(tool: TaskTool, gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator(
        f"integrations.{tool.name}.simulator", target=gateway_door.url, options=tool.options
    ) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def connected(tool: TaskTool, running: RunningSimulator, store: Store, tmp_path: Path) -> Connected:
    example = await running.connection()
    if tool.renews:
        secrets = {**example.secrets, "refresh-token": str(await running.change(do="let_in"))}
        example = example.model_copy(update={"secrets": secrets})
    file = write_connections(tmp_path, [example])
    return Connected(tool=tool.name, connection=read_connections(file, TOOLS).tools[tool.name], store=store)


@pytest.fixture
async def tasks(connected: Connected) -> AsyncIterator[TaskLists]:
    makes = TOOLS[connected.tool].touches
    assert makes is not None
    made = makes(connected)
    yield made
    await close(made)


@pytest.fixture
async def polling(connected: Connected) -> AsyncIterator[PollingSource]:
    makes = TOOLS[connected.tool].polling
    assert makes is not None
    made = makes(connected)
    yield made
    await close(made)


@pytest.fixture
async def lists(
    running: RunningSimulator, gateway_door: WebhookReceiver, worker: Worker, tasks: TaskLists,
    polling: PollingSource, connected: Connected,
) -> AsyncIterator[Lists]:  # fmt: skip
    tool = next(one for one in TASK_TOOLS if one.name == connected.tool)
    reads, hints = TOOLS[tool.name].handler, TOOLS[tool.name].fetcher
    handler, fetcher = reads(connected) if reads else None, hints(connected) if hints else None
    await running.deliver()
    made = Lists(
        name=tool.name, tool=tool, running=running, door=gateway_door, store=connected.store, worker=worker,
        tasks=tasks, polling=polling, handler=handler, fetcher=fetcher, read_webhooks=len(gateway_door.requests),
    )  # fmt: skip
    await made.made()  # from the first task on, tools are read and subscribed to for them
    await polling.repair()
    await made.look()
    yield made
    if fetcher is not None:
        await close(fetcher)
