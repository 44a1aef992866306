"""The processes of one server on one data directory: start, stop, kill, restart."""

import asyncio
from datetime import timedelta
from pathlib import Path

from local.server.configuration import (
    INNER_PORTS,
    ServerPorts,
    development_server_arguments,
    forget_earlier_hosts,
    write_server_configuration,
    write_ui_configuration,
)
from local.server.data_lock import DataLock
from local.server.errors import ServerDidNotStart
from local.server.namespace import ensure_namespace
from local.server.plan import ServerPlan
from local.server.ports import LOOPBACK, free_ports, require_free
from local.server.process import SupervisedProcess
from local.server.sources import DevelopmentServer, ProductionServer

START_TIMEOUT = timedelta(seconds=45)
POLL_SECONDS = 0.02
PORT_TRIES = 3


class RunningServer:
    """A server that this process owns; its lock on the directory is held until `close`."""

    def __init__(self, plan: ServerPlan, source: DevelopmentServer | ProductionServer, lock: DataLock) -> None:
        self._plan = plan
        self._source = source
        self._lock = lock
        self._ports: ServerPorts | None = None
        self._processes: list[SupervisedProcess] = []

    @property
    def ports(self) -> ServerPorts:
        """Where it listens; the same from the first start on."""
        if self._ports is None:
            raise RuntimeError("the server has not been started")
        return self._ports

    async def start(self) -> None:
        """Start it, or start it again on the same ports and data, and wait until a workflow could be started.

        Raises:
            PortTaken: A port asked for by number is in use.
            ServerDidNotStart: A process ended, or did not answer in time.
            NamespaceUnusable: The namespace could not be made.
        """
        if self._ports is not None:
            await self._start_on(self._ports)
            return
        for tries_left in reversed(range(PORT_TRIES)):
            ports = self._choose_ports()
            try:
                await self._start_on(ports)
            except ServerDidNotStart as error:
                if not (tries_left and error.port_was_taken):
                    raise
            else:
                self._ports = ports
                return

    async def stop(self) -> None:
        """Let it finish what it is doing and wait for its end; what it was told is in the database."""
        await asyncio.gather(*(asyncio.to_thread(process.stop) for process in self._processes))
        self._processes.clear()

    async def kill(self) -> None:
        """End it with SIGKILL in the middle of whatever it does."""
        await asyncio.gather(*(asyncio.to_thread(process.kill) for process in self._processes))
        self._processes.clear()

    async def close(self) -> None:
        """Stop it and give the directory free."""
        try:
            await self.stop()
        finally:
            self._lock.release()

    def _choose_ports(self) -> ServerPorts:
        plan = self._plan
        if plan.port is not None:
            require_free(plan.port, "the Temporal server", "--port")
        if plan.ui and plan.ui_port is not None:
            require_free(plan.ui_port, "the Temporal UI", "--ui-port")
        frontend, ui, *inner = free_ports(2 + INNER_PORTS)
        return ServerPorts(
            frontend=plan.port or frontend, ui=(plan.ui_port or ui) if plan.ui else None, inner=tuple(inner)
        )

    async def _start_on(self, ports: ServerPorts) -> None:
        try:
            self._launch(ports)
            await self._until_usable(ports)
        except BaseException:
            await self.stop()
            raise

    def _launch(self, ports: ServerPorts) -> None:
        plan, directory = self._plan, self._plan.directory
        match self._source:
            case DevelopmentServer(executable=executable):
                arguments = development_server_arguments(ports, plan.dynamic, durable=plan.durable)
                self._run("server", [executable, *arguments])
            case ProductionServer(server=server, ui=ui):
                forget_earlier_hosts(directory)
                file = write_server_configuration(directory, ports, plan.dynamic, durable=plan.durable)
                self._run("server", [server, "--config-file", file, "--allow-no-auth", "start"])
                if ports.ui is not None:
                    arguments = write_ui_configuration(directory, ports.frontend, ports.ui, plan.namespace)
                    self._run("ui", [ui, *arguments])

    def _run(self, name: str, command: list[str | Path]) -> None:
        log = self._plan.directory / f"{name}.log"
        self._processes.append(SupervisedProcess(command, log=log, inherit=self._lock.descriptor))

    async def _until_usable(self, ports: ServerPorts) -> None:
        prepared = asyncio.create_task(self._prepare(ports))
        try:
            while not prepared.done():
                self._require_alive()
                await asyncio.wait([prepared], timeout=POLL_SECONDS)
        except BaseException:
            prepared.cancel()
            await asyncio.wait([prepared])
            raise
        await prepared

    async def _prepare(self, ports: ServerPorts) -> None:
        plan = self._plan
        await ensure_namespace(
            f"{LOOPBACK}:{ports.frontend}",
            plan.namespace,
            plan.search_attributes,
            retention=plan.retention,
            patience=START_TIMEOUT,
        )
        if ports.ui is not None:
            await self._until_listening(ports.ui)

    async def _until_listening(self, port: int) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT.total_seconds()):
                while True:
                    if await _listens(port):
                        return
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            ui = self._processes[-1]
            raise ServerDidNotStart(f"The Temporal UI does not listen on port {port}", ui.log, ui.log_tail()) from None

    def _require_alive(self) -> None:
        for process in self._processes:
            if process.exit_code is not None:
                raise ServerDidNotStart(
                    f"{self._source} ended with code {process.exit_code}", process.log, process.log_tail()
                )


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True
