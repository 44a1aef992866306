"""A Salesloft team with its API, whom it writes to, and its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.salesloft.simulator.api import Api, problem
from integrations.salesloft.simulator.limits import Points
from integrations.salesloft.simulator.people import People
from integrations.salesloft.simulator.tasks_api import TasksApi
from integrations.salesloft.simulator.team import Held, Subscription, Team
from integrations.salesloft.simulator.tokens import TOKEN_PATH, TokenService
from integrations.salesloft.simulator.webhook_rules import SalesloftPosts

_EVENTS = (
    "cadence_membership_created", "cadence_membership_updated", "email_updated", "call_created", "call_updated",
    "meeting_booked", "meeting_updated", "person_updated", "task_completed", "task_updated",
)  # fmt: skip


class SalesloftOptions(SimulatorOptions):
    """The API key, the OAuth application, the callback token of its subscriptions, and the team's limit."""

    api_key: str = "ak_local_salesloft_key"
    client_id: str = "local-salesloft-client"
    client_secret: str = "local-salesloft-client-secret"  # noqa: S105 - of a simulator
    refresh_token: str = "local-salesloft-refresh-token"  # noqa: S105
    callback_token: str = "local-salesloft-callback-token"  # noqa: S105
    points: int = 600
    app: bool = False
    """Whether the example connection is by OAuth."""


class SalesloftSimulator(Simulator[Team, SalesloftOptions]):
    """A Salesloft team."""

    name: ClassVar[str] = "salesloft"
    title: ClassVar[str] = "Salesloft"

    def __init__(self, options: SalesloftOptions, state: Team) -> None:
        super().__init__(options, state, Switches(), SalesloftPosts())
        self._api = Api(state, self.now, self._tell)
        self._tasks = TasksApi(state, self.now, self._tell)
        self._people = People(state, self._api, self._tasks, self.now, self._tell)
        self._tokens = TokenService((options.client_id, options.client_secret), state.tokens, self.now)
        self._points = Points(options.points)
        state.tokens.refresh = state.tokens.refresh or options.refresh_token
        there = {(one.event_type, one.callback_url) for one in state.subscriptions.values()}
        for event in _EVENTS:
            if options.target and (event, options.target) not in there:
                made = Subscription(
                    id=state.new_id(), event_type=event, callback_url=options.target,
                    callback_token=options.callback_token,
                )  # fmt: skip
                state.subscriptions[made.id] = made

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Team.model_validate_json(kept) if kept else Team()
        return cls(SalesloftOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API, and the token endpoint."""
        return [*self._api.routes(), *self._tasks.routes(), *self._tokens.routes()]

    def refusal(self, request: Request) -> Response | None:
        """401 without a good key or token; 429 once the minute's points are spent."""
        if request.url.path == TOKEN_PATH:
            return None
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not (token == self.options.api_key or self._tokens.is_good(token)):
            return self.answer_to("expire_token")
        page = request.query_params.get("page", "1")
        if self._points.refuses(int(page) if page.isdecimal() else 1, self.now()):
            return self.answer_to("quota_spent")
        return None

    def headers(self) -> dict[str, str]:
        """What is left of the minute's points."""
        return self._points.headers()

    def answer_to(self, fault: str) -> Response:
        """In Salesloft's words."""
        match fault:
            case "quota_spent":
                return problem(429, "Rate limit exceeded")
            case "expire_token":
                return problem(401, "Invalid Bearer token")
            case _:
                return problem(500, "Internal Server Error")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.salesloft.simulator.people``."""
        return self._people.do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``salesloft``."""
        key: dict[str, JsonValue] = {"api_key": "secret:api-key"}
        app: dict[str, JsonValue] = {
            "client_id": self.options.client_id, "client_secret": "secret:client-secret",
            "refresh_token": "secret:refresh-token", "token_url": f"{address}{TOKEN_PATH}",
        }  # fmt: skip
        return ConnectionExample(
            source=self.name,
            block={
                **(app if self.options.app else key), "base_url": address,
                "webhook_secrets": ["secret:callback-token"],
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={
                "callback-token": self.options.callback_token,
                **(
                    {"client-secret": self.options.client_secret, "refresh-token": self.options.refresh_token}
                    if self.options.app
                    else {"api-key": self.options.api_key}
                ),
            },
        )  # fmt: skip

    def _tell(self, event: str, record: Held) -> None:
        for one in self.state.subscriptions.values():
            if one.event_type == event and one.enabled:
                self.webhooks.add(
                    one.callback_url, {"type": event, "token": one.callback_token, "record": record.shown()}
                )
