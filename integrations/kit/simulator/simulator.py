"""The base of every simulator: what it holds, how it misbehaves, what a tool has to add."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.call_log import CallLog
from integrations.kit.simulator.switches import Switches
from integrations.kit.simulator.webhooks import NoWebhooks, WebhookQueue, WebhookRules

S = TypeVar("S", bound=BaseModel)
O = TypeVar("O", bound="SimulatorOptions")  # noqa: E741 - the type of its options


class BadChange(ValueError):
    """A change that nobody can make in the tool's user interface; the message says why."""


class SimulatorOptions(BaseModel):
    """What a simulator is started with (``--set name=value``). A tool adds its keys and secrets, with defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: str = ""
    """Where its webhooks go; without it nobody has subscribed."""


class ConnectionExample(BaseModel):
    """How the connections file names this simulator, for ``dealwright up --with``."""

    model_config = ConfigDict(frozen=True)

    source: str
    """The tool's name."""
    is_crm: bool = False
    is_chat: bool = False
    bills: bool = False
    note: str = ""
    """What whoever reads the file is told of the block, on one line."""
    block: dict[str, JsonValue]
    """The tool's block. ``secret:NAME`` stands for a secret, which is to be written into a file of its own."""
    secrets: dict[str, str] = {}


class Simulator(ABC, Generic[S, O]):
    """A tool that keeps to its vendor's documentation.

    Everything that it holds is in ``state``, one pydantic model, so that it can be shown and kept. Change it in place.
    """

    name: ClassVar[str]
    """As in the registry."""
    title: ClassVar[str]

    def __init__(self, options: O, state: S, switches: Switches, rules: WebhookRules | None = None) -> None:
        """Without ``rules`` it sends no webhooks."""
        self.options, self.state, self.switches = options, state, switches
        self.calls = CallLog()
        self.webhooks = WebhookQueue(rules or NoWebhooks(), switches, self.now)

    @classmethod
    @abstractmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Simulator[S, O]:
        """A simulator with these options; ``kept`` is the JSON of its state from last time."""

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """The vendor's own paths."""

    @abstractmethod
    def refusal(self, request: Request) -> Response | None:
        """The answer to a call that the vendor does not let in (a wrong token, too many calls), or None."""

    @abstractmethod
    def answer_to(self, fault: str) -> Response:
        """The vendor's own answer to ``server_error``, ``quota_spent`` or ``expire_token``."""

    @abstractmethod
    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """Do what a person does in the vendor's user interface; returns what came of it.

        Raises:
            BadChange: nobody can do that.
        """

    @abstractmethod
    def connection(self, address: str) -> ConnectionExample:
        """How an installation connects to this simulator at an address."""

    def headers(self) -> dict[str, str]:
        """What the vendor adds to every answer: how much of its limits is left."""
        return {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """What runs beside its HTTP API."""
        yield

    def now(self) -> datetime:
        """The tool's time."""
        return datetime.now(UTC) + timedelta(seconds=self.switches.clock_skew)
