"""An Apollo team with its API, and the people and contacts in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from integrations.apollo.simulator.api import Api
from integrations.apollo.simulator.people import People
from integrations.apollo.simulator.tasks_api import TasksApi
from integrations.apollo.simulator.team import ACCOUNTS, USERS, Team
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches


class ApolloOptions(SimulatorOptions):
    """The team's key, and one that may not do all."""

    key: str = "apollo-local-master-key"
    weak_key: str = "apollo-local-weak-key"
    hourly: int = 4000
    """Calls of a kind in an hour, more than Apollo takes: time stands still in tests."""
    minute: int = 200


class ApolloSimulator(Simulator[Team, ApolloOptions]):
    """A team."""

    name: ClassVar[str] = "apollo"
    title: ClassVar[str] = "Apollo"

    def __init__(self, options: ApolloOptions, state: Team) -> None:
        super().__init__(options, state, Switches())
        self._tasks = TasksApi(state, self.now)
        self._api = Api(state, self.now, self._tasks)
        self._asked, self._in_minute, self._in_hour = "", 0, 0

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        return cls(ApolloOptions.model_validate(options), Team.model_validate_json(kept) if kept else Team())

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return self._api.routes()

    def refusal(self, request: Request) -> Response | None:
        """401 in plain text without a key, 403 where the key may not do this."""
        kind = f"{request.method} {_kind(request.url.path)}"
        now, self._asked = self.now(), kind
        self._in_minute, self._in_hour = self.state.count(f"{kind} {now:%H:%M}"), self.state.count(f"{kind} {now:%H}")
        key = request.headers.get("x-api-key")
        if key == self.options.weak_key and {"emailer_campaigns", "tasks"} & set(request.url.path.split("/")):
            path = request.url.path.removeprefix("/")
            said = (
                f"This API key is not authorized to access {path}. Request an API key from your administrator that "
                "includes this endpoint in its configured scope."
            )
            return JSONResponse({"error": said, "error_code": "API_INACCESSIBLE"}, 403)
        return None if key in {self.options.key, self.options.weak_key} else self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        """In Apollo's words."""
        match fault:
            case "quota_spent":
                most = self.options.hourly
                said = f"The maximum number of api calls allowed for {self._asked} is {most} times per hour."
                return JSONResponse({"message": said}, 429, {"retry-after": "2"})
            case "expire_token":
                said = "Invalid API key. See https://docs.apollo.io/reference/authentication for how to authenticate."
                return PlainTextResponse(said, 401)
            case _:
                return JSONResponse({"error": "Internal server error"}, 500)

    def headers(self) -> dict[str, str]:
        """How much of the windows is left."""
        hourly, minute = self.options.hourly, self.options.minute
        return {
            "x-rate-limit-minute": str(minute), "x-minute-usage": str(self._in_minute),
            "x-minute-requests-left": str(max(minute - self._in_minute, 0)), "x-rate-limit-hourly": str(hourly),
            "x-hourly-usage": str(self._in_hour), "x-hourly-requests-left": str(max(hourly - self._in_hour, 0)),
        }  # fmt: skip

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What people do; see ``integrations.apollo.simulator.people``."""
        return People(self.state, self.now, self._tasks).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``apollo``."""
        return ConnectionExample(
            source=self.name,
            block={
                "key": "secret:key",
                "base_url": address,
                "email_account": ACCOUNTS[0],
                "create_contacts": True,
                "task_owner": USERS[0],
                "hourly_calls": 4000,
            },
            secrets={"key": self.options.key},
        )


def _kind(path: str) -> str:
    """The endpoint of a path, without the ids in it."""
    return "/".join(one for one in path.split("/") if not (len(one) == 24 and one.isalnum()))  # noqa: PLR2004 - an id
