"""The worker: settings to clients to activities to a Temporal worker, until SIGTERM has drained it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import NoReturn, Self, TypedDict

import structlog
from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.worker import Worker, WorkerConfig

from activities.all_activities import Activity, activities_of
from activities.once_only import Checkpoint
from activities.watched_tools import watched_tools
from dealwright.client.nexus_handler import DealsServiceHandler
from dealwright.identity import TASK_QUEUE
from integrations.kit.connections import BadConnections
from integrations.registry import (
    connections_at,
)
from playbooks import shipped
from runtime.connection import NotReady, check_converter, check_namespace, connect
from runtime.converter import for_deals
from runtime.gc_tuning import tune_gc
from runtime.health import health_endpoint
from runtime.logging import configure_logging
from runtime.plugin import deals_plugin
from runtime.schedules import keep_schedules, keep_telling
from runtime.settings import BadSettings, Settings
from runtime.shutdown import stop_on_signal
from runtime.store_binding import require_matching_store
from runtime.stuck_workflows import activations
from store import bundles
from store.database import Store
from store.errors import StoreError
from store.installation import InstallationRecord
from store.nexus_trail import NexusTrail
from store.sealing import Seal
from workflows.deal import DealWorkflow
from workflows.reconcile import ReconcileTool
from workflows.work_messages import TellPeople

TO_END = timedelta(seconds=5)
"""What a worker has beyond its drain: to break off what is under way, and to say goodbye to the server."""
log = structlog.get_logger("dealwright.worker")


class DealsPlugin(SimplePlugin):
    """Deals, and all that carries them out, for a worker that may do other things too.

        async with DealsPlugin.open(Settings()) as deals:
            client = await Client.connect("temporal:7233", namespace="deals", data_converter=DATA_CONVERTER)
            await deals.prepare(client)
            async with Worker(client, task_queue="deals", workflows=[Yours], plugins=[deals]):
                ...

    It brings the workflow with its sandbox, the activities, their signs of life, and the Nexus service of deals. Where
    it is given to the client instead, every worker of that client hosts deals.
    """

    def __init__(
        self, store: Store, activities: Sequence[Activity], polled: Mapping[str, timedelta] = MappingProxyType({})
    ) -> None:
        """``polled`` says how often each source is read that can be."""
        super().__init__(
            "dealwright.worker", workflows=[DealWorkflow, ReconcileTool, TellPeople], activities=activities,
            data_converter=for_deals, nexus_service_handlers=[DealsServiceHandler(note=NexusTrail(store))],
        )  # fmt: skip
        self.store = store
        self._polled = polled

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator[Self]:
        """With the store that the settings name, which is closed at the end.

        Raises:
            BadConnections: the connections file cannot be used.
            StoreError: the database does not answer, or lacks migrations.
        """
        store = Store.open(settings.database_url, seal=Seal(settings.token_keys))
        try:
            await store.check_migrated()
            watched = watched_tools(connections_at(settings.connections), store)
            polled = {source: tool.every for source, tool in watched.items()}
            yield cls(store, await activities_of(store, settings), polled)
        finally:
            await store.close()

    async def check(self, client: Client) -> None:
        """Make sure that all is there that deals need, and belongs together.

        Raises:
            NotReady, StoreError: what is missing, and what to do.
        """
        await self.store.check_migrated()
        await check_namespace(client)
        await require_matching_store(client, InstallationRecord(self.store))

    async def prepare(self, client: Client) -> None:
        """Check as ``check`` does, and publish the shipped playbooks where no playbook of that name is.

        Raises:
            NotReady, StoreError: what is missing, and what to do.
        """
        await self.check(client)
        await bundles.publish_new(self.store, shipped())
        await keep_schedules(client, self._polled)
        await keep_telling(client)

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Bring everything; the runner and the signs of life only where the client does not."""
        check_converter(config["client"])
        config = super().configure_worker(config)
        has_plugin = any(plugin.name() == deals_plugin().name() for plugin in config["client"].config()["plugins"])
        return config if has_plugin else deals_plugin().configure_worker(config)


async def compose(
    client: Client, store: Store, settings: Settings, *, checkpoint: Callable[[Checkpoint], None] = lambda _: None
) -> Worker:
    """A worker with everything that deals need; ``checkpoint`` is called at the five points of the effect protocol.

    Raises:
        BadConnections: the connections file cannot be used.
        StoreAway: the database does not answer.
    """
    return _worker_with(DealsPlugin(store, await activities_of(store, settings, checkpoint)), client, settings)


def _worker_with(deals: DealsPlugin, client: Client, settings: Settings) -> Worker:
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        plugins=[deals],
        max_cached_workflows=settings.cached_deals,
        **work_at_once(settings),
        graceful_shutdown_timeout=timedelta(seconds=settings.drain_seconds),
    )


class AtOnce(TypedDict, total=False):
    """How much a worker does at the same time, in the SDK's words."""

    max_concurrent_workflow_tasks: int
    max_concurrent_local_activities: int
    max_concurrent_activities: int


def work_at_once(settings: Settings) -> AtOnce:
    """As much as one process can finish in time.

    A workflow task that is not answered within ten seconds is done again, from the first event on. Decisions are
    made within workflow tasks, one for each at a time.
    """
    return AtOnce(
        max_concurrent_workflow_tasks=settings.workflow_tasks_at_once,
        max_concurrent_local_activities=settings.workflow_tasks_at_once,
        max_concurrent_activities=settings.activities_at_once,
    )


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Check what a worker needs, then work until ``stop``.

    Raises:
        BadConnections: the connections file cannot be used.
        NotReady, StoreError: what is missing, and what to do.
    """
    async with AsyncExitStack() as running:
        deals = await running.enter_async_context(DealsPlugin.open(settings))
        client = await connect(metrics_address=settings.metrics_address)
        await check_namespace(client)

        async def ready() -> str | None:
            try:
                await deals.check(client)
            except (NotReady, StoreError) as error:
                return str(error)
            return None

        health = health_endpoint(settings.health_host, settings.health_port, ready, activations.problem)
        await running.enter_async_context(health)
        await deals.prepare(client)  # last: one that cannot work takes no namespace
        async with _worker_with(deals, client, settings):
            log.info("working", queue=TASK_QUEUE, namespace=client.namespace)
            await stop.wait()
            log.info("draining", seconds=settings.drain_seconds)
    log.info("stopped")


def main() -> NoReturn:
    """Run the worker until SIGTERM or Ctrl-C. Exit codes: 0 drained, 2 not set up, 3 something kept it from ending."""
    code = 0
    try:
        settings = Settings()
        configure_logging(settings.log_format, settings.log_level)
        tune_gc()
        asyncio.run(_until_signalled(settings))
    except (BadConnections, BadSettings, NotReady, StoreError) as error:
        sys.stderr.write(f"dealwright-worker: {error}\n")
        code = 2
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the SDK's threads may otherwise crash the interpreter's exit


async def _until_signalled(settings: Settings) -> None:
    await serve(settings, end_of_worker(settings))


def end_of_worker(settings: Settings) -> asyncio.Event:
    """The event that SIGTERM sets; the process ends in bounded time then, drained or not."""
    return stop_on_signal(timedelta(seconds=settings.drain_seconds) + TO_END)


if __name__ == "__main__":
    main()
