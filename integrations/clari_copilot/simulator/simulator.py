"""A Clari Copilot workspace with its API and the people who call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.clari_copilot.simulator.api import Api, problem
from integrations.clari_copilot.simulator.people import People
from integrations.clari_copilot.simulator.workspace import Workspace
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches


class ClariCopilotOptions(SimulatorOptions):
    """The key of its API."""

    api_key: str = "local-copilot-key"
    api_password: str = "local-copilot-password"  # noqa: S105 - of a simulator


class ClariCopilotSimulator(Simulator[Workspace, ClariCopilotOptions]):
    """A workspace."""

    name: ClassVar[str] = "clari_copilot"
    title: ClassVar[str] = "Clari Copilot"

    def __init__(self, options: ClariCopilotOptions, state: Workspace) -> None:
        super().__init__(options, state, Switches())

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Workspace.model_validate_json(kept) if kept else Workspace()
        return cls(ClariCopilotOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return Api(self.state).routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without key and password."""
        given = request.headers.get("x-api-key"), request.headers.get("x-api-password")
        return None if given == (self.options.api_key, self.options.api_password) else self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        """In Clari Copilot's words."""
        match fault:
            case "quota_spent":
                return problem(429, "Too many requests")
            case "expire_token":
                return problem(401, "Credentials not provided!, see documentation: https://api-doc.copilot.clari.com")
            case _:
                return problem(500, "Internal server error")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.clari_copilot.simulator.people``."""
        return People(self.state, self.now).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``clari_copilot``."""
        return ConnectionExample(
            source=self.name,
            block={"api_key": "secret:api-key", "api_password": "secret:api-password", "base_url": address},
            secrets={"api-key": self.options.api_key, "api-password": self.options.api_password},
        )
