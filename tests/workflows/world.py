"""A small world for deals: the real server, a store, a mailbox, and workers that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from activities.all_activities import activities_of
from activities.decide import DecideActivity
from dealwright import contract
from dealwright.client.deal_client import DealClient
from dealwright.client.errors import TemporalAway
from dealwright.commands import Acknowledge, Command
from dealwright.decision import SEARCH_ATTRIBUTES, Decision
from dealwright.entries import FactRefused, FactTaken
from dealwright.identity import TASK_QUEUE, workflow_id
from dealwright.views.snapshot import Snapshot
from local.mailbox import LocalMailbox, ReceivedMail
from local.server.namespace import ensure_namespace
from local.server.server import LocalServer
from runtime.plugin import deals_plugin
from runtime.settings import Settings
from store import bundles
from store.database import Store
from workflows.deal import DealWorkflow

STEADY = "steady"
"""A playbook whose business never closes, so that a test means the same on a Sunday night."""
_LOOK_EVERY = 0.02
_PATIENCE = 120

Run = WorkflowHandle[object, object]
Fault = Callable[[contract.DecideRequest], Awaitable[None]]
"""What goes wrong before a decision: it raises, or waits."""


class FaultyDecideActivity(DecideActivity):
    """The real decisions, on a worker whose rules have a fault."""

    def __init__(self, store: Store, fault: Fault) -> None:
        super().__init__(store)
        self._fault = fault

    @activity.defn(name=contract.DECIDE)
    async def decide(self, request: contract.DecideRequest) -> Decision:
        await self._fault(request)
        return await super().decide(request)


@dataclass(frozen=True)
class World:
    """What a test of the shell needs. Every deal has a clock of its own, which stands until it is moved on."""

    client: Client
    deals: DealClient
    skipper: TimeSkipper
    store: Store
    mailbox: LocalMailbox
    settings: Settings
    patience_with_a_worker: timedelta
    """How long a deal waits for the worker that has it in its cache before it goes to another one."""

    @asynccontextmanager
    async def at_work(self, fault: Fault | None = None, *, rules_from: Store | None = None) -> AsyncIterator[Worker]:
        """A worker, for as long as the block lasts; its rules may have a fault, or come from another store."""
        activities = list(await activities_of(self.store, self.settings))
        if fault is not None:
            activities[0] = FaultyDecideActivity(self.store, fault).decide
        if rules_from is not None:
            activities[0] = DecideActivity(rules_from).decide
        worker = Worker(
            self.client,
            task_queue=TASK_QUEUE,
            workflows=[DealWorkflow],
            activities=activities,
            sticky_queue_schedule_to_start_timeout=self.patience_with_a_worker,
        )
        async with worker:
            yield worker

    async def open(self, playbook: str = STEADY, **about: object) -> str:
        """Open a deal, with a contact who can be written to."""
        deal_id = new_id()
        contact = {"id": "ada", "name": "Ada Berg", "email": f"ada@{deal_id}.example", "timezone": "Europe/Berlin"}
        about = {"id": deal_id, "contacts": [contact], **about}
        await self.deals.open(about, playbook, until_decided=timedelta())  # there may be no worker yet
        return deal_id

    def run_of(self, deal_id: str) -> Run:
        """The deal's workflow."""
        return self.client.get_workflow_handle(workflow_id(deal_id))

    async def now(self, deal_id: str) -> datetime:
        """The time on the deal's clock."""
        return await self.skipper.get_current_time(self.run_of(deal_id))

    async def pass_time(self, deal_id: str, duration: timedelta) -> None:
        """Let time pass for one deal, to its end at most."""
        run = self.run_of(deal_id)
        if not await self.skipper.fast_forward(run, duration):
            assert (await run.describe()).status is not WorkflowExecutionStatus.RUNNING, "no time passed"

    async def give(self, deal_id: str, command: Command, id_: str) -> object:
        """Give a command as any language would, by a plain update; what it is answered at once."""
        return await self.run_of(deal_id).execute_update(command.name, command.model_dump(mode="json"), id=id_)

    async def settle(self, deal_id: str) -> Snapshot:
        """Where the deal stands once it has decided on all that it was told: a command waits for all before it."""
        await self.deals.command(deal_id, Acknowledge(by="Ana", why="to see where it stands", point="nothing"))
        return await self.deals.snapshot(deal_id)

    async def facts(self, deal_id: str) -> list[str | None]:
        """The ids of the facts that the deal took in its present run, in order."""
        return [entry.id for entry in await self.deals.story(deal_id) if isinstance(entry, FactTaken)]

    async def refused(self, deal_id: str) -> list[FactRefused]:
        """The facts that the deal refused in its present run, in order."""
        return [entry for entry in await self.deals.story(deal_id) if isinstance(entry, FactRefused)]

    @asynccontextmanager
    async def without_mail(self) -> AsyncIterator[None]:
        """Nobody listens where mail goes, for as long as the block lasts."""
        await self.mailbox.stop()
        try:
            yield
        finally:
            await self.mailbox.start()

    async def see(self, deal_id: str, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        """Where the deal stands, as soon as it is as wanted."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                try:
                    seen = await self.deals.snapshot(deal_id)
                except TemporalAway:
                    continue
                if wanted(seen):
                    return seen
                await asyncio.sleep(_LOOK_EVERY)

    def letters(self, deal_id: str) -> list[ReceivedMail]:
        """What the deal's contact received."""
        return self.mailbox.messages(f"ada@{deal_id}.example")

    async def history(self, deal_id: str, run_id: str | None = None) -> list[HistoryEvent]:
        """The events of the deal's present run, or of another one."""
        handle = self.client.get_workflow_handle(workflow_id(deal_id), run_id=run_id)
        return [event async for event in handle.fetch_history_events()]


def of_type(events: Sequence[HistoryEvent], kind: EventType.ValueType) -> Iterator[HistoryEvent]:
    """The events of one type."""
    return (event for event in events if event.event_type == kind)


async def runs_of(world: World, deal_id: str) -> list[str]:
    """The ids of the deal's runs, the first one first."""
    run, runs = (await world.run_of(deal_id).describe()).run_id, list[str]()
    while run:
        runs.append(run)
        started = next(iter(await world.history(deal_id, run))).workflow_execution_started_event_attributes
        run = started.continued_execution_run_id
    return runs[::-1]


def new_id() -> str:
    """A deal id that no other test uses."""
    return f"deal-{uuid4().hex[:12]}"


@asynccontextmanager
async def a_world(
    server: LocalServer, folder: Path, patience_with_a_worker: timedelta = timedelta(seconds=10)
) -> AsyncIterator[World]:
    """A world of its own on the server, with a namespace that no other worker polls."""
    async with AsyncExitStack() as stack:
        mailbox = await stack.enter_async_context(LocalMailbox())
        settings = Settings(
            database_url=f"sqlite:///{folder / 'deals.db'}", smtp_host=mailbox.host, smtp_port=mailbox.port,
            drain_seconds=0,
        )  # fmt: skip
        store = Store.open(settings.database_url)
        stack.push_async_callback(store.close)
        await store.migrate()
        await bundles.publish(store, STEADY, _files(Path(__file__).parent / STEADY))
        namespace = f"world-{uuid4().hex[:8]}"
        await ensure_namespace(server.address, namespace, SEARCH_ATTRIBUTES)
        client = await Client.connect(server.address, namespace=namespace, plugins=[deals_plugin()])
        skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        deals = DealClient(skipper.client, timedelta(seconds=30))
        yield World(client, deals, skipper, store, mailbox, settings, patience_with_a_worker)


def _files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.*")}
