"""Starts a simulator as a child process, and talks to its control plane."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx2
from pydantic import JsonValue, TypeAdapter

from integrations.kit.simulator.application import CONTROL
from integrations.kit.simulator.call_log import Call
from integrations.kit.simulator.simulator import ConnectionExample
from integrations.kit.simulator.webhooks import WebhookState
from integrations.kit.trusted_authorities import trusted_authorities

ADDRESS = re.compile(r" simulator at (http://\S+)\n")
"""What a simulator says once it serves."""
_TO_END = 5.0
_CALLS = TypeAdapter(list[Call])


class SimulatorFailed(RuntimeError):
    """A simulator did not start, or refused what it was told; the message has its own words."""


class RunningSimulator:
    """A simulator that runs: its address, and its control plane."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self.url, self._http = url, http

    async def state(self) -> dict[str, JsonValue]:
        """Everything it holds."""
        return _object(await self._get("state"))

    async def calls(self, matching: str = "") -> list[Call]:
        """The calls that it got so far, those whose ``METHOD /path`` the regular expression finds."""
        calls = _CALLS.validate_python(await self._get("calls"))
        return [call for call in calls if re.search(matching, f"{call.method} {call.path}")]

    async def webhooks(self) -> WebhookState:
        """What became of its webhooks so far."""
        return WebhookState.model_validate(await self._get("webhooks"))

    async def connection(self) -> ConnectionExample:
        """How an installation connects to it."""
        return ConnectionExample.model_validate(await self._get("connection"))

    async def switch(self, **values: object) -> None:
        """Set switches (:class:`~integrations.kit.simulator.switches.Switches`)."""
        await self._post("switches", values)

    async def change(self, **what: object) -> JsonValue:
        """Do what a person does in the tool's user interface."""
        return await self._post("change", what)

    async def deliver(self) -> WebhookState:
        """Make one attempt at every webhook that waits, now."""
        return WebhookState.model_validate(await self._post("deliver", {}))

    async def _get(self, what: str) -> JsonValue:
        return _read(await self._http.get(f"{self.url}{CONTROL}/{what}"))

    async def _post(self, what: str, content: dict[str, object]) -> JsonValue:
        return _read(await self._http.post(f"{self.url}{CONTROL}/{what}", json=content))


@asynccontextmanager
async def running_simulator(
    module: str,
    *,
    target: str = "",
    port: int = 0,
    file: Path | None = None,
    options: Mapping[str, str] | None = None,
) -> AsyncIterator[RunningSimulator]:
    """Run a simulator (``integrations.hubspot.simulator``) while the block runs; it ends with this process at last.

    Raises:
        SimulatorFailed: it did not start.
    """
    arguments = arguments_of(target=target, port=port, file=file, options=options or {})
    command = [sys.executable, "-m", module, "--until-input-ends", *arguments]
    # A session of its own keeps a Ctrl-C in the terminal away: its owner decides in which order things end.
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_end, process)
        address = await _address_of(process, module)
        http = await stack.enter_async_context(httpx2.AsyncClient(timeout=60, verify=trusted_authorities()))
        yield RunningSimulator(address, http)


def arguments_of(*, target: str, port: int, file: Path | None, options: Mapping[str, str]) -> list[str]:
    """A simulator's arguments."""
    said = [part for name, value in options.items() for part in ("--set", f"{name}={value}")]
    return ["--port", str(port), "--target", target, *(["--file", str(file)] if file else []), *said]


async def _address_of(process: Process, module: str) -> str:
    assert process.stdout is not None  # noqa: S101 - asked for
    said = (await process.stdout.readline()).decode()
    if (found := ADDRESS.search(said)) is None:
        await process.wait()
        raise SimulatorFailed(f"{module} did not start; what it said is above. {said}".rstrip())
    return found[1]


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_TO_END):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()


def _read(answer: httpx2.Response) -> JsonValue:
    read: JsonValue = answer.json()
    if not answer.is_success:
        raise SimulatorFailed(str(_object(read).get("detail")))
    return read


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
