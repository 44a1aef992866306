"""A Pipedrive company with its API, its people and its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Seconds, Switches
from integrations.pipedrive.simulator.changes import Author, Changes
from integrations.pipedrive.simulator.company import Company, Subscription, new_company
from integrations.pipedrive.simulator.errors import PipedriveError
from integrations.pipedrive.simulator.legacy_api import LegacyApi
from integrations.pipedrive.simulator.limits import Limits
from integrations.pipedrive.simulator.people import People
from integrations.pipedrive.simulator.records_api import RecordsApi
from integrations.pipedrive.simulator.tokens import TOKEN_PATH, TokenService
from integrations.pipedrive.simulator.webhook_rules import Subscriptions

_STAGES = {
    "research": "1", "outreach": "1", "nurture": "", "discovery": "2", "presentation": "3", "proposal": "4",
    "close": "won", "customer": "won", "closed_lost": "lost",
}  # fmt: skip
"""The stages of the playbook ``b2b-saas`` in the pipeline that the simulated company has."""


class PipedriveOptions(SimulatorOptions):
    """The keys of the company."""

    token: str = "local-pipedrive-token"  # noqa: S105 - of a simulator
    """The API token of the user that Dealwright works as."""
    user_id: int = 14_000_001
    """That user."""
    login: str = "dealwright:local-pipedrive-secret"
    """User and password that its webhooks carry."""
    client_id: str = "local-pipedrive-app"
    client_secret: str = "local-pipedrive-app-secret"  # noqa: S105 - of a simulator
    """Of an app that the user may let in, in the place of the token."""
    set_up: bool = True
    """Whether our custom fields and webhooks are there already."""
    calls_in_two_seconds: Annotated[int, Field(ge=1)] = 80
    tokens_a_day: Annotated[int, Field(ge=1)] = 150_000


class PipedriveSwitches(Switches):
    """What Pipedrive does wrong besides."""

    search_lag: Seconds = 1
    """Seconds until a search finds what was made."""


class PipedriveSimulator(Simulator[Company, PipedriveOptions]):
    """A Pipedrive company."""

    name: ClassVar[str] = "pipedrive"
    title: ClassVar[str] = "Pipedrive"
    switches: PipedriveSwitches

    def __init__(self, options: PipedriveOptions, state: Company) -> None:
        subscriptions = Subscriptions(state)
        super().__init__(options, state, PipedriveSwitches(), subscriptions)
        self._limits = Limits(options.calls_in_two_seconds, options.tokens_a_day)
        self._changes = Changes(state, subscriptions, self.now, self._send)
        self._tokens = TokenService((options.client_id, options.client_secret), state.tokens, self.now)
        if options.set_up and options.target and not state.subscriptions:
            self._subscribe()

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        read = PipedriveOptions.model_validate(options)
        return cls(read, Company.model_validate_json(kept) if kept else new_company(set_up=read.set_up))

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        us = Author("api", self.options.user_id)
        records, legacy = RecordsApi(self._changes, us, self.switches), LegacyApi(self._changes, us)
        return [*records.routes(), *legacy.routes(), *self._tokens.routes()]

    def refusal(self, request: Request) -> Response | None:
        """401 without a token, 429 above a limit."""
        if request.url.path == TOKEN_PATH:
            return None
        if not self._is_let_in(request):
            return self.answer_to("expire_token")
        if self._limits.refuses(f"{request.method} {request.url.path}", self.now()):
            return self.answer_to("quota_spent")
        return None

    def headers(self) -> dict[str, str]:
        """How much of the limits is left."""
        return self._limits.headers()

    def answer_to(self, fault: str) -> Response:
        """In Pipedrive's words."""
        match fault:
            case "quota_spent":
                return PipedriveError(429, "Request over limit").response()
            case "expire_token":
                return PipedriveError(401, "unauthorized access").response()
            case _:
                return PipedriveError(500, "Internal server error").response()

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does (``integrations.pipedrive.simulator.people``); ``approve_app`` and ``uninstall_app``."""
        match change.get("do"):
            case "approve_app":
                return {"code": self._tokens.approve()}
            case "uninstall_app":
                self._tokens.uninstall()
                return None
        return People(self._changes).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``pipedrive``."""
        return ConnectionExample(
            source=self.name,
            is_crm=True,
            block={
                "token": "secret:token",
                "webhook_secrets": ["secret:login"],
                "base_url": address,
                "webhook_url": self.options.target,
                "daily_tokens": self.options.tokens_a_day,
                "burst_calls": self.options.calls_in_two_seconds,
                "settings": {"user_id": str(self.options.user_id)},
                "stages": {**_STAGES},
            },
            secrets={"token": self.options.token, "login": self.options.login},
        )

    def _is_let_in(self, request: Request) -> bool:
        by_token = request.headers.get("x-api-token") == self.options.token
        return by_token or self._tokens.is_good(request.headers.get("authorization", ""))

    def _send(self, url: str, event: JsonValue) -> None:
        self.webhooks.add(url, event)

    def _subscribe(self) -> None:
        user, _, password = self.options.login.partition(":")
        for kind in ("deal", "person", "organization", "activity"):
            self.state.subscriptions.append(
                Subscription(
                    id=self.state.take_id(), subscription_url=self.options.target, event_action="*",
                    event_object=kind, name=f"Dealwright: {kind}", version="2.0", user_id=self.options.user_id,
                    http_auth_user=user, http_auth_password=password, worked_at=self.now(),
                )
            )  # fmt: skip
