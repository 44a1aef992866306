"""A Gong account with its API, the people who call, and the webhooks of an automation rule."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.gong.simulator.account import Account, JsonObject, new_account
from integrations.gong.simulator.api import Api, problem
from integrations.gong.simulator.people import People
from integrations.gong.simulator.webhook_rules import GongWebhooks
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches


class GongOptions(SimulatorOptions):
    """The access key of its API."""

    access_key: str = "local-gong-key"
    access_key_secret: str = "local-gong-key-secret"  # noqa: S105 - of a simulator


class GongSimulator(Simulator[Account, GongOptions]):
    """A Gong account."""

    name: ClassVar[str] = "gong"
    title: ClassVar[str] = "Gong"

    def __init__(self, options: GongOptions, state: Account) -> None:
        super().__init__(options, state, Switches(), GongWebhooks(state))

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Account.model_validate_json(kept) if kept else new_account()
        return cls(GongOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return Api(self.state).routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without the access key."""
        pair = f"{self.options.access_key}:{self.options.access_key_secret}"
        if request.headers.get("authorization") != f"Basic {base64.b64encode(pair.encode()).decode()}":
            return self.answer_to("expire_token")
        return None

    def answer_to(self, fault: str) -> Response:
        """In Gong's words."""
        match fault:
            case "quota_spent":
                spent = problem(429, "API rate limit exceeded")
                spent.headers["retry-after"] = "1"
                return spent
            case "expire_token":
                return problem(401, "The access key is not valid, or lacks the scope api:calls:read:extensive")
            case _:
                return problem(500, "Internal error")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.gong.simulator.people``."""
        return People(self.state, self.now, self._tell).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``gong``."""
        return ConnectionExample(
            source=self.name,
            block={
                "access_key": "secret:access-key",
                "access_key_secret": "secret:access-key-secret",
                "webhook_secrets": ["secret:public-key"],
                "base_url": address,
            },
            secrets={
                "access-key": self.options.access_key,
                "access-key-secret": self.options.access_key_secret,
                "public-key": self.state.public_key,
            },
        )

    def _tell(self, body: JsonObject) -> None:
        if self.options.target:
            self.webhooks.add(self.options.target, body)
