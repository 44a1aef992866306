"""A Temporal server on this machine, from start to stop."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Sequence
from typing import Self

from rich.console import Console
from temporalio.client import Client, Plugin
from temporalio.envconfig import ClientConfigProfile

from local.server.data_lock import DataLock, make_directory
from local.server.errors import LocalServerError, ServerUnreachable
from local.server.namespace import ensure_namespace
from local.server.plan import ServerPlan
from local.server.ports import LOOPBACK
from local.server.running import RunningServer
from local.server.sources import Configured, Source, find_source

CONNECT_SECONDS = 10.0


class LocalServer:
    """A server to work with: one that runs for this block, or a configured one that somebody else runs.

    Use `async with LocalServer.start(plan) as server:`. Whatever ends the program, a kill -9 too, nothing that it
    started remains.
    """

    def __init__(
        self, source: Source, profile: ClientConfigProfile, ui_url: str | None, running: RunningServer | None
    ) -> None:
        self.source = source
        """Where it came from; as text it is a line for people."""
        self.address = profile.address or ""
        """`host:port` of the frontend."""
        self.namespace = profile.namespace or ""
        """Where the deals live."""
        self.ui_url = ui_url
        """Of the Temporal UI; None when there is none or it is not known."""
        self._profile = profile
        self._running = running

    @classmethod
    @contextlib.asynccontextmanager
    async def start(cls, plan: ServerPlan, console: Console | None = None) -> AsyncIterator[Self]:
        """Find a server, start it, make it usable; stop it at the end of the block.

        A configured address is neither started nor stopped; a missing namespace or attribute is made there too.

        Args:
            plan: What it is to be.
            console: Where a download or a build is announced; standard error when None.

        Raises:
            NoTemporalServer: None can be had on this machine.
            DataUnusable: The directory cannot be made, or not be written to.
            DataInUse: Another server runs on the same directory.
            PortTaken: A port asked for by number is in use.
            ServerDidNotStart: Its process ended; the message holds the end of its log.
            ServerUnreachable: The configured address does not answer.
            NamespaceUnusable: The namespace could not be made.
        """
        source = await find_source(console or Console(stderr=True), own=plan.own)
        if isinstance(source, Configured):
            yield await cls._configured(plan, source)
            return
        directory = plan.directory.resolve()
        make_directory(directory)
        running = RunningServer(
            plan.model_copy(update={"directory": directory}), source, await DataLock.take(directory)
        )
        try:
            await running.start()
            ports = running.ports
            profile = ClientConfigProfile(address=f"{LOOPBACK}:{ports.frontend}", namespace=plan.namespace)
            ui_url = f"http://{LOOPBACK}:{ports.ui}" if ports.ui is not None else None
            yield cls(source, profile, ui_url, running)
        finally:
            await running.close()

    @classmethod
    async def _configured(cls, plan: ServerPlan, source: Configured) -> Self:
        profile = source.profile
        namespace = profile.namespace or plan.namespace
        connect = profile.to_client_connect_config()
        connect["namespace"] = namespace
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                client = await Client.connect(**connect)
        except (RuntimeError, ValueError, TimeoutError) as error:  # the SDK has no narrower one
            raise ServerUnreachable(
                f"The configured Temporal server {profile.address} does not answer. "
                "Start it, or unset TEMPORAL_ADDRESS to have one started."
            ) from error
        await ensure_namespace(client, namespace, plan.search_attributes, retention=plan.retention)
        return cls(source, dataclasses.replace(profile, namespace=namespace), None, None)

    async def connect(self, plugins: Sequence[Plugin] = ()) -> Client:
        """A new client to this server and namespace, with the configured credentials where there are any.

        Args:
            plugins: For the client, such as the one that brings our data converter.
        """
        return await Client.connect(**self._profile.to_client_connect_config(), plugins=plugins)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make a child process or the temporal CLI use this server and namespace."""
        return {"TEMPORAL_ADDRESS": self.address, "TEMPORAL_NAMESPACE": self.namespace}

    async def kill(self) -> None:
        """End the server with SIGKILL in the middle of whatever it does; `restart` brings it back.

        Raises:
            LocalServerError: It is a configured one, which belongs to somebody else.
        """
        await self._own().kill()

    async def restart(self) -> None:
        """Start it again on the same ports and data; stops it first when it still runs.

        Raises:
            LocalServerError: It is a configured one, or it does not start.
        """
        await self._own().stop()
        await self._own().start()

    def _own(self) -> RunningServer:
        if self._running is None:
            raise LocalServerError(f"{self.address} is a configured server; it is not this program's to stop.")
        return self._running
