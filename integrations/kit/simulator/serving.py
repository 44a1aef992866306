"""A simulator's own process: ``python -m integrations.<tool>.simulator``, on this machine's loopback only.

It prints ``<name> simulator at http://127.0.0.1:PORT`` once it answers, and ends with SIGTERM, with Ctrl-C or, under
``--until-input-ends``, with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import uvicorn
from pydantic import ValidationError
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from integrations.kit.simulator.application import AnySimulator, application_of

HOST = "127.0.0.1"
_GRACE = 1
_KEPT_ALIVE = 60
"""Seconds that a connection is kept that nobody uses, as vendors do: longer than our clients keep one, which would
otherwise send a call just when it is closed."""


def main(tool: type[AnySimulator], arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a simulator until it is told to end. Exit code 2: it cannot be started, as it says."""
    given = _parser(tool).parse_args(arguments)
    options = dict(pair.split("=", 1) for pair in given.set if "=" in pair)
    if given.target:
        options["target"] = given.target
    try:
        kept = given.file.read_bytes() if given.file and given.file.exists() else None
        simulator = tool.made_of(options, kept)
        asyncio.run(_serve(simulator, given.port, given.file, until_input_ends=given.until_input_ends))
    except (ValidationError, OSError) as error:
        sys.stderr.write(f"{tool.name} simulator: {error}\n")
        sys.exit(2)
    sys.exit(0)


def _parser(tool: type[AnySimulator]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=f"A {tool.title} that runs on this machine and talks to nobody else.")
    parser.add_argument("--port", type=int, default=0, help="where it listens; 0 takes a free one")
    parser.add_argument("--target", default="", help="the address that its webhooks go to")
    parser.add_argument("--file", type=Path, help="where it keeps what it holds; the same file continues")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="one of its options")
    parser.add_argument("--until-input-ends", action="store_true", help="end with the standard input")
    return parser


async def _serve(simulator: AnySimulator, port: int, file: Path | None, *, until_input_ends: bool) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_input_ends:
        lines = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        watching = asyncio.create_task(lines.read())
        watching.add_done_callback(lambda _: stop.set())
    async with simulator.running():
        await _serve_until(simulator, port, file, stop)


async def _serve_until(simulator: AnySimulator, port: int, file: Path | None, stop: asyncio.Event) -> None:
    server = _Server(_configuration(application_of(simulator, file), port))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.wait({serving}, timeout=0.005)
    sending = asyncio.create_task(simulator.webhooks.run())
    if not serving.done():
        address = server.servers[0].sockets[0].getsockname()
        sys.stdout.write(f"{simulator.name} simulator at http://{HOST}:{address[1]}\n")
        sys.stdout.flush()
        await asyncio.wait({serving, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    await serving


class _Connection(H11Protocol):
    """A connection that the application may cut."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _configuration(application: ASGIApp, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        application, host=HOST, port=port, http=_Connection, ws="none", lifespan="off", log_level="critical",
        access_log=False, timeout_graceful_shutdown=_GRACE, timeout_keep_alive=_KEPT_ALIVE,
    )  # fmt: skip
