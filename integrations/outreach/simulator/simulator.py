"""An Outreach organization with its API, the people and prospects in it, and its webhooks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.outreach.simulator.api import Api
from integrations.outreach.simulator.organization import Mailing, Organization, SequenceState
from integrations.outreach.simulator.people import People
from integrations.outreach.simulator.requests import Problem
from integrations.outreach.simulator.shown import JsonObject, moment
from integrations.outreach.simulator.tasks import Task
from integrations.outreach.simulator.tasks_api import TasksApi
from integrations.outreach.simulator.tokens import App, TokenEndpoint
from integrations.outreach.simulator.webhook_rules import OutreachPosts

_LIMIT = 10_000
_LEVELS = {"GET": "read", "DELETE": "delete"}


class OutreachOptions(SimulatorOptions):
    """The app that is let in, and the secret that webhooks are signed with."""

    client_id: str = "outreach-local-app"
    client_secret: str = "outreach-local-secret"  # noqa: S105 - of a simulator
    redirect_uri: str = "https://deals.example/outreach"
    refresh_token: str = "outreach-local-refresh-token"  # noqa: S105
    webhook_secret: str = "outreach-local-webhook-secret"  # noqa: S105
    scopes: str = (
        "prospects.all sequenceStates.all mailings.read webhooks.all tasks.all calls.read callDispositions.read"
    )


class OutreachSimulator(Simulator[Organization, OutreachOptions]):
    """An organization."""

    name: ClassVar[str] = "outreach"
    title: ClassVar[str] = "Outreach"

    def __init__(self, options: OutreachOptions, state: Organization) -> None:
        super().__init__(options, state, Switches(), OutreachPosts())
        app = App(options.client_id, options.client_secret, options.redirect_uri, options.refresh_token)
        self._tokens = TokenEndpoint(state.tokens, app, self.now)
        self._tasks = TasksApi(state, self.now, self._tell_task)
        self._api = Api(state, self.now, self._tell_state, self._tasks)

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        return cls(
            OutreachOptions.model_validate(options),
            Organization.model_validate_json(kept) if kept else Organization(),
        )

    def routes(self) -> Sequence[BaseRoute]:
        """The API, and the token endpoint."""
        return [*self._api.routes(), Route("/oauth/token", self._token, methods=["POST"])]

    def refusal(self, request: Request) -> Response | None:
        """401 without a token that is good, 403 without a scope that the app has."""
        if request.url.path == "/oauth/token":
            return None
        self.state.calls += 1
        if not self._tokens.lets_in(request.headers.get("authorization", "")):
            return self.answer_to("expire_token")
        kind = request.url.path.split("/")[3] if request.url.path.count("/") >= 3 else ""  # noqa: PLR2004 - /api/v2/<kind>
        scope = f"{kind}.{_LEVELS.get(request.method, 'write')}"
        if not {scope, f"{kind}.all"} & set(self.options.scopes.split()):
            detail = f"Your authorization does not include the required scope '{scope}'."
            return Problem(403, "unauthorizedOauthScope", "Unauthorized OAuth Scope", detail).answer
        return None

    def answer_to(self, fault: str) -> Response:
        """In Outreach's words."""
        match fault:
            case "quota_spent":
                until = f"{self.now() + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S}"
                detail = f"You have exceeded your permitted rate limit of 10,000; please try again at {until}."
                spent = Problem(429, "rateLimitExceeded", "Rate Limit Exceeded", detail).answer
                spent.headers["retry-after"] = until
                return spent
            case "expire_token":
                return Problem(401, "unauthorizedRequest", "Unauthorized Request", "The access token expired.").answer
            case _:
                return Problem(500, "internalServerError", "Internal Server Error", "Something went wrong.").answer

    def headers(self) -> dict[str, str]:
        """How much of the hour's limit is left."""
        anew = f"{self.now() + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
        return {
            "X-RateLimit-Limit": str(_LIMIT), "X-RateLimit-Remaining": str(max(_LIMIT - self.state.calls, 0)),
            "X-RateLimit-Reset": anew,
        }  # fmt: skip

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What people do; see ``integrations.outreach.simulator.people``."""
        return People(self.state, self.now, self._tell_state, self._tell_mailing, self._tasks).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``outreach``."""
        options = self.options
        return ConnectionExample(
            source=self.name,
            block={
                "client_id": options.client_id,
                "client_secret": "secret:client-secret",
                "refresh_token": "secret:refresh-token",
                "redirect_uri": options.redirect_uri,
                "webhook_secrets": ["secret:webhook-secret"],
                "base_url": address,
                "mailbox": 3,
                "create_prospects": True,
                "task_owner": 1,
                **({"webhook_url": options.target} if options.target else {}),
            },
            secrets={
                "client-secret": options.client_secret,
                "refresh-token": options.refresh_token,
                "webhook-secret": options.webhook_secret,
            },
        )

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        return self._tokens.answer({name: value for name, value in form.items() if isinstance(value, str)})

    def _tell_state(self, state: SequenceState, action: str) -> None:
        changed = {
            name: value
            for name, value in state.attributes().items()
            if name in {"state", "stateChangedAt", "updatedAt", "repliedAt"}
        }
        self._tell("sequenceState", state.id, action, changed, state.related())

    def _tell_mailing(self, mailing: Mailing, action: str) -> None:
        self._tell("mailing", mailing.id, action, mailing.attributes(), mailing.related())

    def _tell_task(self, task: Task, action: str) -> None:
        changed = {name: value for name, value in task.attributes().items() if name in {"state", "completed", "note"}}
        self._tell("task", task.id, action, changed, task.related())

    def _tell(
        self, kind: str, id_: int, action: str, changed: JsonObject, related: dict[str, tuple[str, int | None]]
    ) -> None:
        """Tell those who subscribed, as payload version 1: what changed, and relationships without ``data``."""
        relationships: JsonObject = {
            name: {"type": what, "id": to} for name, (what, to) in related.items() if to is not None
        }
        data: JsonObject = {"type": kind, "id": id_, "attributes": changed, "relationships": relationships}
        for one in self.state.webhooks.values():
            if one.wants(kind, action):
                meta: JsonObject = {
                    "deliveredAt": moment(self.now()), "eventName": f"{kind}.{action}", "jobId": str(uuid.uuid4()),
                }  # fmt: skip
                self.webhooks.add(one.url, {"secret": one.secret, "body": {"data": data, "meta": meta}})
