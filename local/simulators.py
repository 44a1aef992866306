"""Simulated tools beside all else: each in its own process, and a connections file that leads to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import MappingProxyType

import yaml
from pydantic import JsonValue

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from integrations.kit.simulator.process import RunningSimulator, running_simulator
from integrations.kit.simulator.simulator import ConnectionExample
from integrations.registry import TOOLS

_SECRET = "secret:"  # noqa: S105 - a mark, see ConnectionExample


class NoSimulator(BadValue):
    """A tool that has no simulator."""


@dataclass(frozen=True)
class Said:
    """What an installation says besides what leads to its simulators."""

    mail_inbound: str | None = None
    """Where answers to its messages go, as ``DEALWRIGHT_MAIL_INBOUND`` has it."""
    billing: str | None = None
    """The tool that bills customers."""
    blocks: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=lambda: MappingProxyType({}))
    """What tools' blocks say, by the names of tools; it takes the place of what stands there."""
    others: Sequence[ConnectionExample] = ()
    """What is connected without a simulator of ours."""
    webhook_secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What webhooks are proven with, by the sources that have no block."""
    webhook_sources: Path | None = None
    """Where mapping files of its own are."""
    event_networks: Sequence[IPv4Network | IPv6Network] = ()
    """Networks of its own that events may be sent into."""


NOTHING_SAID = Said()


@dataclass(frozen=True)
class SimulatedTools:
    """Simulators that run, by the names of their tools."""

    running: dict[str, RunningSimulator]
    connections: Path | None
    """The connections file that leads to them; None where there are none."""

    @property
    def sources(self) -> frozenset[str]:
        """The sources of their webhooks, whose secrets stand in the connections file."""
        return frozenset(source for name in self.running if (source := TOOLS[name].source))


@asynccontextmanager
async def simulated_tools(
    names: Sequence[str],
    data: Path,
    gateway_url: str,
    options: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    said: Said = NOTHING_SAID,
) -> AsyncIterator[SimulatedTools]:
    """Run the simulators of these tools while the block runs; what they hold stays in the data directory.

    ``options`` are those of simulators, by the names of their tools; ``said`` is what the connections file
    says besides.

    Raises:
        NoSimulator: a tool has none.
        SimulatorFailed: one did not start.
    """
    simulated = sorted(name for name, tool in TOOLS.items() if tool.simulated)
    for name in names:
        if name not in simulated:
            raise NoSimulator(f"there is no simulator of {name!r}", did_you_mean(name, simulated), ("--with",))
    if not names and not said.others:
        yield SimulatedTools({}, None)
        return
    folder = data / "simulators"
    folder.mkdir(parents=True, exist_ok=True)
    starting = {
        name: running_simulator(
            f"integrations.{name}.simulator",
            target=f"{gateway_url}/webhooks/{name}",
            file=folder / f"{name}.json",
            options=options.get(name),
        )
        for name in dict.fromkeys(names)
    }
    async with _side_by_side(starting) as running:
        examples = [await simulator.connection() for simulator in running.values()]
        examples += said.others
        yield SimulatedTools(running, write_connections(folder, examples, said))


@asynccontextmanager
async def _side_by_side(
    starting: Mapping[str, AbstractAsyncContextManager[RunningSimulator]],
) -> AsyncIterator[dict[str, RunningSimulator]]:
    """Start all at once, and end all at once: a machine that is busy takes seconds for each."""
    stacks = {name: AsyncExitStack() for name in starting}
    try:
        entering = [stacks[name].enter_async_context(each) for name, each in starting.items()]
        started = await asyncio.gather(*entering, return_exceptions=True)  # so that none is left half begun
        for one in started:
            if isinstance(one, BaseException):
                raise one
        yield {name: one for name, one in zip(starting, started, strict=True) if not isinstance(one, BaseException)}
    finally:
        await asyncio.gather(*(each.aclose() for each in stacks.values()))


def write_connections(folder: Path, examples: Sequence[ConnectionExample], said: Said = NOTHING_SAID) -> Path:
    """A connections file for these tools, with each secret in a file of its own; returns its path."""
    document: dict[str, JsonValue] = {} if said.billing is None else {"billing": said.billing}
    for example in examples:
        document |= {"crm": example.source} if example.is_crm else {}
        document |= {"chat": example.source} if example.is_chat else {}
        document |= {"billing": example.source} if example.bills and "billing" not in document else {}
    for example in examples:
        for name, secret in example.secrets.items():
            file = _secret_file(folder, example.source, name)
            file.touch(mode=0o600)
            file.write_text(secret, encoding="utf-8")
    document["tools"] = {
        example.source: _with_secret_files(
            {**example.block, **said.blocks.get(example.source, {})}, folder, example.source
        )
        for example in examples
    }
    path = folder / "connections.yaml"
    path.write_text(_with_notes(yaml.safe_dump(document, sort_keys=False), examples), encoding="utf-8")
    return path


def _with_notes(text: str, examples: Sequence[ConnectionExample]) -> str:
    """The file, with what is said of a block above it."""
    for example in examples:
        if example.note:
            text = text.replace(f"\n  {example.source}:\n", f"\n  # {example.note}\n  {example.source}:\n", 1)
    return text


def _with_secret_files(value: JsonValue, folder: Path, source: str) -> JsonValue:
    match value:
        case str() if value.startswith(_SECRET):
            return f"file:{_secret_file(folder, source, value.removeprefix(_SECRET)).resolve()}"
        case dict():
            return {key: _with_secret_files(each, folder, source) for key, each in value.items()}
        case list():
            return [_with_secret_files(each, folder, source) for each in value]
        case _:
            return value


def _secret_file(folder: Path, source: str, name: str) -> Path:
    return folder / f"{source}.{name}"
