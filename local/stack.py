"""Everything on one machine: Temporal server and UI, mailbox, store, worker, gateway. For ``up`` and ``demo``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import SecretStr
from rich.console import Console
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from activities.watched_tools import watched_tools
from dealwright.client.deal_client import DealClient
from dealwright.decision import SEARCH_ATTRIBUTES
from gateway.development_secrets import DEVELOPMENT_KEY, DEVELOPMENT_SECRETS
from gateway.run import serve_gateway
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import connections_at
from local.mailbox import LocalMailbox
from local.server.data_lock import DataLock, make_directory
from local.server.namespace import ensure_namespace
from local.server.plan import ServerPlan
from local.server.ports import LOOPBACK, free_ports, require_free
from local.server.server import LocalServer
from local.simulators import NOTHING_SAID, Said, SimulatedTools, simulated_tools
from playbooks import shipped
from runtime.plugin import deals_plugin
from runtime.schedules import keep_schedules, keep_telling
from runtime.settings import Settings
from runtime.store_binding import require_matching_store
from store import bundles
from store.database import Store
from store.installation import InstallationRecord
from store.sealing import Seal
from worker import compose

Simulated = Mapping[str, Mapping[str, str]]
"""The options of simulators, by the names of their tools."""
_NONE: Simulated = MappingProxyType({})
_MIGRATING = asyncio.Lock()
"""Alembic keeps what it migrates in global variables: a process with several installations migrates one at a time."""
T = TypeVar("T")


@dataclass(frozen=True)
class Ports:
    """Where things listen on this machine; None takes any free port."""

    temporal: int | None = None
    ui: int | None = None
    gateway: int = 0
    mail: int = 0


@dataclass(frozen=True)
class Stack:
    """What runs."""

    data: Path
    """Where its data is."""
    server: LocalServer
    client: Client
    deals: DealClient
    store: Store
    mailbox: LocalMailbox
    gateway_url: str
    settings: Settings
    skipper: TimeSkipper | None
    """Moves deals opened with ``deals`` on, when they have clocks of their own."""
    simulators: Mapping[str, RunningSimulator]
    """Simulated tools, by name."""


@asynccontextmanager
async def local_stack(
    data: Path, ports: Ports, console: Console, *, virtual_clocks: bool = False, simulated: Simulated = _NONE,
    said: Said = NOTHING_SAID,
) -> AsyncIterator[Stack]:  # fmt: skip
    """Start everything under one data directory; stop it in the reverse order.

    ``simulated`` names tools whose simulators run beside all else; ``said`` is what the installation says besides.
    With ``virtual_clocks`` every deal has a virtual clock, which stands with the wall clock until it is moved on. Such
    deals live on a server of their own: a configured one has real deals, and no such clocks.

    Raises:
        StoreMismatch: the data is not that of a configured server's deals.
        NoSimulator: a tool has no simulator.
        SimulatorFailed: a simulator did not start.
        LocalServerError: the data directory or a port cannot be used, or there is no server to be had.
    """
    make_directory(data)
    if ports.mail:
        require_free(ports.mail, "the mailbox", "--mail-port")
    async with AsyncExitStack() as stack:
        stack.callback((await DataLock.take(data)).release)  # a configured server has no lock on it
        plan = ServerPlan(
            directory=data / "temporal", search_attributes=SEARCH_ATTRIBUTES, port=ports.temporal, ui_port=ports.ui,
            own=virtual_clocks,
        )  # fmt: skip
        ports = replace(ports, gateway=ports.gateway or free_ports(1)[0])  # links in messages are made with it
        starting = simulated_tools([*simulated], data, _local(ports), simulated, said)
        tools = await stack.enter_async_context(_in_the_background(starting))
        server = await stack.enter_async_context(LocalServer.start(plan, console))
        mailbox = await stack.enter_async_context(LocalMailbox(port=ports.mail, file=data / "mail.jsonl"))
        place = _Place(data, server, mailbox, await _connect(server), virtual_clocks=virtual_clocks)
        yield await stack.enter_async_context(_installation(place, ports, await tools, said))


@asynccontextmanager
async def another_installation(
    beside: Stack, name: str, *, simulated: Simulated = _NONE, said: Said = NOTHING_SAID
) -> AsyncIterator[Stack]:
    """One more installation on the same Temporal server and with the same mail server, while the block runs.

    All else is its own: a namespace of this name, a store, a connections file, a worker and a gateway. Its data is in
    a folder of the other one's.

    Raises:
        NamespaceUnusable: the namespace could not be made.
        StoreMismatch, NoSimulator, SimulatorFailed, LocalServerError: as ``local_stack``.
    """
    data, ports = beside.data / "installations" / name, Ports(gateway=free_ports(1)[0])
    make_directory(data)
    async with simulated_tools([*simulated], data, _local(ports), simulated, said) as tools:
        await ensure_namespace(beside.server.address, name, SEARCH_ATTRIBUTES)
        client = await Client.connect(beside.server.address, namespace=name, plugins=[deals_plugin()])
        place = _Place(data, beside.server, beside.mailbox, client, virtual_clocks=beside.skipper is not None)
        async with _installation(place, ports, tools, said) as stack:
            yield stack


@dataclass(frozen=True)
class _Place:
    """Where an installation is."""

    data: Path
    server: LocalServer
    mailbox: LocalMailbox
    client: Client
    """Of its namespace."""
    virtual_clocks: bool


@asynccontextmanager
async def _installation(place: _Place, ports: Ports, tools: SimulatedTools, said: Said) -> AsyncIterator[Stack]:
    """An installation on a server that runs, and beside simulators that run."""
    data, client, mailbox = place.data, place.client, place.mailbox
    url = _local(ports) if place.virtual_clocks or tools.running else None
    settings = _settings(data, ports, mailbox, public_url=url, tools=tools, said=said)
    async with AsyncExitStack() as stack:
        store = Store.open(settings.database_url, seal=Seal(settings.token_keys))
        stack.push_async_callback(store.close)
        async with _MIGRATING:
            await store.migrate()
        await require_matching_store(client, InstallationRecord(store))
        await bundles.publish_new(store, shipped())
        skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False)) if place.virtual_clocks else None
        deals = DealClient(skipper.client if skipper else client)
        await stack.enter_async_context(await _worker(client, store, settings, telling=not place.virtual_clocks))
        gateway_url = await stack.enter_async_context(serve_gateway(settings, deals, store))
        yield Stack(data, place.server, client, deals, store, mailbox, gateway_url, settings, skipper, tools.running)


@asynccontextmanager
async def _in_the_background(context: AbstractAsyncContextManager[T]) -> AsyncIterator[asyncio.Task[T]]:
    """Enter a context while the block does something else; it is left at the block's end."""
    async with AsyncExitStack() as stack:
        entering = asyncio.create_task(stack.enter_async_context(context))
        try:
            yield entering
        finally:
            entering.cancel()
            await asyncio.wait({entering})


def _local(ports: Ports) -> str:
    return f"http://{LOOPBACK}:{ports.gateway}"


async def _worker(client: Client, store: Store, settings: Settings, *, telling: bool) -> Worker:
    """The worker. Tools are read, and people told of their work, only while deals live by the wall clock."""
    if telling:
        watched = watched_tools(connections_at(settings.connections), store)
        await keep_schedules(client, {source: tool.every for source, tool in watched.items()})
        await keep_telling(client)
    return await compose(client, store, settings)


def _settings(
    data: Path, ports: Ports, mailbox: LocalMailbox, *, public_url: str | None, tools: SimulatedTools, said: Said
) -> Settings:  # fmt: skip
    """Nothing leaves this machine, whatever is exported for the worker of real deals."""
    more: dict[str, Any] = {} if public_url is None else {"public_url": public_url}
    more |= {} if said.webhook_sources is None else {"webhook_sources": said.webhook_sources}
    more |= {"event_networks": tuple(said.event_networks)} if said.event_networks else {}
    secrets = {source: secret for source, secret in DEVELOPMENT_SECRETS.items() if source not in tools.sources}
    secrets |= said.webhook_secrets
    return Settings(
        database_url=f"sqlite:///{(data / 'dealwright.db').resolve()}",
        smtp_port=mailbox.port, smtp_host=mailbox.host, smtp_tls="none", smtp_username=None, smtp_password=None,
        chat_webhook_url=None, drain_seconds=5, gateway_host=LOOPBACK, gateway_port=ports.gateway,
        api_keys=(SecretStr(DEVELOPMENT_KEY),),
        webhook_secrets={source: (SecretStr(secret),) for source, secret in secrets.items()},
        connections=tools.connections, mail_inbound=said.mail_inbound,
        **more,
    )  # fmt: skip


async def _connect(server: LocalServer) -> Client:
    plain = await server.connect()
    config = plain.config()
    config["plugins"] = [deals_plugin()]
    return Client(**config)
