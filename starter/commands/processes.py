"""``up``, ``demo`` and ``gateway``, and the one-shot jobs ``migrate`` and ``namespace``."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealwright.diagnostics.diagnostic import BadInput
from starter.printing import out

if TYPE_CHECKING:
    from demo.shows import Show
    from local.stack import Stack

_PATIENCE = 30.0
"""Seconds that a server may take to answer the namespace job: it may still be starting."""
_STOPPED = 130
"""The exit code of a command that Ctrl-C ended before it was done."""
DataDir = Annotated[Path, typer.Option("--data", help="The directory that holds everything; the same one continues.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (up, demo, gateway, migrate, namespace):
        app.command()(command)


def expected_errors() -> tuple[type[BaseException], ...]:
    """Errors that are one clear line, not a crash."""
    from gateway.http_server import GatewayPortTaken
    from integrations.kit.simulator.process import SimulatorFailed
    from local.server.errors import LocalServerError
    from runtime.connection import NotReady
    from store.errors import StoreError

    return (BadInput, NotReady, LocalServerError, StoreError, GatewayPortTaken, SimulatorFailed)


def refusals() -> tuple[type[BaseException], ...]:
    """Those of them that refuse what was asked, though all is set up as it should be."""
    from store.api_keys import KeyRefused

    return (KeyRefused,)


def up(
    data: DataDir = Path("var/data"),
    port: Annotated[int, typer.Option(help="Of the Temporal server.", min=0, max=65535)] = 7233,
    ui_port: Annotated[int, typer.Option(help="Of the Temporal UI.", min=0, max=65535)] = 8233,
    gateway_port: Annotated[int, typer.Option(help="Of the HTTP API.", min=0, max=65535)] = 8080,
    mail_port: Annotated[int, typer.Option(help="Of the local mailbox (SMTP).", min=0, max=65535)] = 1025,
    simulated: Annotated[
        list[str] | None, typer.Option("--with", help="A tool whose simulator runs beside all else; may be repeated.")
    ] = None,
) -> None:
    """Run everything on this machine, and stay: server, UI, mailbox, worker, gateway. Ctrl-C stops it all.

    A port of 0 takes any free one.
    """
    from local.stack import Ports, local_stack
    from runtime.logging import configure_logging

    configure_logging("console", "warning")

    async def staying(stop: asyncio.Event) -> None:
        ports = Ports(temporal=port or None, ui=ui_port or None, gateway=gateway_port, mail=mail_port)
        async with local_stack(data, ports, out, simulated={name: {} for name in simulated or ()}) as stack:
            _print_links(stack)
            out.print("Running. Ctrl-C stops it all; the data stays in " + str(data))
            await stop.wait()
            out.print("Stopping …")

    _run(staying)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave all running afterwards, with the links printed.")] = False,
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep the data here; by default it is thrown away.")
    ] = None,
    all_tools: Annotated[
        bool, typer.Option("--all-tools", help="Show deals that go through all tools instead, in three installations.")
    ] = False,
) -> None:
    """Take eight deals through their lives, each on a clock of its own, and count what came of it."""
    from demo.shows import ALL_TOOLS, EIGHT_DEALS
    from runtime.logging import configure_logging

    configure_logging("console", "error")
    code = _shown(ALL_TOOLS if all_tools else EIGHT_DEALS, keep=keep, data=data)
    if code == _STOPPED:
        out.print("Stopped.")
    if code:
        raise typer.Exit(code)


def _shown(show: Show, *, keep: bool, data: Path | None) -> int:
    """Show a demo; returns the exit code."""
    from local.stack import Ports, local_stack

    code = _STOPPED

    async def showing(stop: asyncio.Event) -> None:
        nonlocal code
        place = nullcontext(str(data)) if data else tempfile.TemporaryDirectory(prefix="dealwright-demo-")
        with place as directory:
            async with local_stack(
                Path(directory), Ports(), out, virtual_clocks=True, simulated=show.simulated, said=show.said
            ) as stack:
                _print_links(stack)
                story, stopping = asyncio.create_task(show.tell(stack, out)), asyncio.create_task(stop.wait())
                await asyncio.wait({story, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not story.done():
                    story.cancel()
                    out.print("Stopping …")
                    await asyncio.wait({story})
                    return
                code = 0 if story.result() else 1
                if keep:
                    _print_links(stack)
                    after = f"the data stays in {data}" if data else "its data is deleted then"
                    out.print(f"Still running. Ctrl-C stops it all; {after}.")
                    await stop.wait()
                    out.print("Stopping …")

    _run(showing)
    return code


def gateway() -> None:
    """Run the HTTP API and webhooks (settings by environment), until SIGTERM or Ctrl-C."""
    from gateway.run import run_gateway
    from runtime.logging import configure_logging
    from runtime.settings import Settings

    settings = Settings()
    configure_logging(settings.log_format, settings.log_level)
    _run(lambda stop: run_gateway(settings, stop))


def migrate() -> None:
    """Bring the store's tables to this release (DATABASE_URL)."""
    from runtime.settings import Settings
    from store.database import Store

    async def migrating() -> None:
        store = Store.open(Settings().database_url)
        try:
            await store.migrate()
        finally:
            await store.close()

    asyncio.run(migrating())
    out.print("The store is up to date.")


def namespace() -> None:
    """Make the Temporal namespace and its search attributes (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE)."""
    from temporalio.client import Client

    from dealwright.decision import SEARCH_ATTRIBUTES
    from local.server.errors import NamespaceUnusable
    from local.server.namespace import SYSTEM_NAMESPACE, ensure_namespace
    from runtime.connection import connect_config, no_answer

    config = connect_config()
    name, config["namespace"] = config["namespace"], SYSTEM_NAMESPACE

    async def making() -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                client = await Client.connect(**config)
        except ValueError as error:
            raise NamespaceUnusable(f"TEMPORAL_ADDRESS={config['target_host']} is no host:port ({error})") from error
        except (RuntimeError, TimeoutError) as error:
            raise no_answer(config["target_host"]) from error
        await ensure_namespace(client, name, SEARCH_ATTRIBUTES)
        await asyncio.sleep(0.05)

    asyncio.run(making())
    out.print(f"Namespace {name} is ready.")


def _run(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    async def until_signalled() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await work(stop)

    asyncio.run(until_signalled())


def _print_links(stack: Stack) -> None:
    from gateway.development_secrets import DEVELOPMENT_KEY

    if stack.server.ui_url:
        where = f"{stack.server.ui_url}/namespaces/{stack.server.namespace}/workflows"
        out.print(f"Temporal UI   {where}?query=WorkflowType%3D%22DealWorkflow%22", soft_wrap=True)
    out.print(f"Temporal      {stack.server.address} (namespace {stack.server.namespace})")
    out.print(f"HTTP API      {stack.gateway_url}/docs (X-API-Key: {DEVELOPMENT_KEY})")
    out.print(f"Store         DATABASE_URL={stack.settings.database_url}", soft_wrap=True)
    for name, simulator in stack.simulators.items():
        out.print(f"Simulator     {simulator.url} ({name}; its control plane is /_simulator/state)")
    if stack.settings.connections:
        out.print(f"Connections   DEALWRIGHT_CONNECTIONS={stack.settings.connections}", soft_wrap=True)
    out.print(f"Mail          {stack.mailbox.host}:{stack.mailbox.port}, kept in {stack.mailbox.file}")
