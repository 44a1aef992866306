"""A Calendly organization with its API, the people who book, and its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.calendly.simulator.api import EVENTS, Api, problem
from integrations.calendly.simulator.organization import (
    JsonObject,
    Organization,
    Subscription,
    new_organization,
    new_uri,
)
from integrations.calendly.simulator.people import People
from integrations.calendly.simulator.webhook_rules import CalendlyWebhooks
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches


class CalendlyOptions(SimulatorOptions):
    """The organization's token, and the key of the subscription to ``target``."""

    token: str = "local-calendly-token"  # noqa: S105 - of a simulator
    signing_key: str = "local-calendly-signing-key"


class CalendlySimulator(Simulator[Organization, CalendlyOptions]):
    """A Calendly organization."""

    name: ClassVar[str] = "calendly"
    title: ClassVar[str] = "Calendly"

    def __init__(self, options: CalendlyOptions, state: Organization) -> None:
        super().__init__(options, state, Switches(), CalendlyWebhooks(state))
        if options.target and not state.to(options.target):
            uri = new_uri("webhook_subscriptions")
            state.subscriptions[uri] = Subscription(
                uri=uri, callback_url=options.target, events=[*EVENTS[:4]], signing_key=options.signing_key,
                created_at=self.now(),
            )  # fmt: skip

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Organization.model_validate_json(kept) if kept else new_organization()
        return cls(CalendlyOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return Api(self.state, self.now).routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without the token."""
        if request.headers.get("authorization") != f"Bearer {self.options.token}":
            return self.answer_to("expire_token")
        return None

    def answer_to(self, fault: str) -> Response:
        """In Calendly's words."""
        match fault:
            case "quota_spent":
                spent = problem(429, "Too Many Requests", "You have exceeded your rate limit.")
                spent.headers.update({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"})
                return spent
            case "expire_token":
                return problem(401, "Unauthenticated", "The access token is invalid")
            case _:
                return problem(500, "Internal Server Error", "The server encountered an unexpected condition.")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.calendly.simulator.people``."""
        return People(self.state, self.now, self._tell).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``calendly``."""
        return ConnectionExample(
            source=self.name,
            block={
                "token": "secret:token",
                "webhook_secrets": ["secret:signing-key"],
                "base_url": address,
                "event_types": {one.uri: "demo" for one in self.state.event_types if one.name == "Demo"},
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={"token": self.options.token, "signing-key": self.options.signing_key},
        )

    def _tell(self, event: str, body: JsonObject) -> None:
        for one in self.state.subscriptions.values():
            if one.state == "active" and event in one.events:
                self.webhooks.add(one.callback_url, body)
