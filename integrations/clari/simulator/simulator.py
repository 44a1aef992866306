"""A Clari organization with its API and the people who forecast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from integrations.clari.simulator.api import Api, problem
from integrations.clari.simulator.organization import Organization
from integrations.clari.simulator.people import People
from integrations.clari.simulator.switches import ClariSwitches
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions


class ClariOptions(SimulatorOptions):
    """The API token."""

    api_key: str = "local-clari-token"


class ClariSimulator(Simulator[Organization, ClariOptions]):
    """A Clari organization."""

    name: ClassVar[str] = "clari"
    title: ClassVar[str] = "Clari"
    switches: ClariSwitches

    def __init__(self, options: ClariOptions, state: Organization) -> None:
        super().__init__(options, state, ClariSwitches())

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Organization.model_validate_json(kept) if kept else Organization()
        return cls(ClariOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return Api(self.state, self.switches).routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without the token."""
        return None if request.headers.get("apikey") == self.options.api_key else self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        """In Clari's words."""
        match fault:
            case "quota_spent":
                return JSONResponse({"message": "API rate limit exceeded"}, 429)
            case "expire_token":
                return JSONResponse({"message": "Invalid authentication credentials"}, 401)
            case _:
                return problem(500, "Server Error", "NullPointerException", "Cannot initialize the resource")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.clari.simulator.people``."""
        return People(self.state, self.now).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``clari``."""
        return ConnectionExample(
            source=self.name,
            block={"api_key": "secret:api-key", "base_url": address, "system": "hubspot", "poll_minutes": 1},
            secrets={"api-key": self.options.api_key},
        )
