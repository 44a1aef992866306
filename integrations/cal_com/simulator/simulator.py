"""A Cal.com account with its API, the people who book, and its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.cal_com.simulator.account import Account, JsonObject, Webhook
from integrations.cal_com.simulator.api import TRIGGERS, Api, problem
from integrations.cal_com.simulator.people import People
from integrations.cal_com.simulator.webhook_rules import CalComWebhooks
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches


class CalComOptions(SimulatorOptions):
    """The account's API key, and the secret of the webhook to ``target``."""

    token: str = "cal_local-token"  # noqa: S105 - of a simulator
    secret: str = "local-cal-com-secret"  # noqa: S105 - of a simulator


class CalComSimulator(Simulator[Account, CalComOptions]):
    """A Cal.com account."""

    name: ClassVar[str] = "cal_com"
    title: ClassVar[str] = "Cal.com"

    def __init__(self, options: CalComOptions, state: Account) -> None:
        super().__init__(options, state, Switches(), CalComWebhooks(state))
        if options.target and not state.to(options.target):
            state.webhooks["webhook-1"] = Webhook(
                id="webhook-1", url=options.target, triggers=[*TRIGGERS], active=True, secret=options.secret
            )

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        return cls(CalComOptions.model_validate(options), Account.model_validate_json(kept or b"{}"))

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return Api(self.state, self.now).routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without the API key."""
        if request.headers.get("authorization") != f"Bearer {self.options.token}":
            return self.answer_to("expire_token")
        return None

    def answer_to(self, fault: str) -> Response:
        """In Cal.com's words."""
        match fault:
            case "quota_spent":
                return problem(429, "ThrottlerException", "ThrottlerException: Too Many Requests")
            case "expire_token":
                return problem(401, "UnauthorizedException", "ApiAuthStrategy - api key - Your api key is not valid.")
            case _:
                return problem(500, "INTERNAL_SERVER_ERROR", "Internal server error")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.cal_com.simulator.people``."""
        return People(self.state, self.now, self._tell).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``cal_com``."""
        return ConnectionExample(
            source=self.name,
            block={
                "token": "secret:token",
                "webhook_secrets": ["secret:webhook"],
                "base_url": address,
                "event_types": {"102": "demo"},
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={"token": self.options.token, "webhook": self.options.secret},
        )

    def _tell(self, trigger: str, body: JsonObject) -> None:
        for one in self.state.webhooks.values():
            if one.active and trigger in one.triggers:
                self.webhooks.add(one.url, body)
