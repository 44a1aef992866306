"""The simulator: the org behind its REST API and token endpoint, and what a person may do in its user interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from typing_extensions import override

from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.salesforce.simulator import changes_by_people, people, rules
from integrations.salesforce.simulator.bundles import answer_bundle
from integrations.salesforce.simulator.change_events import change_event
from integrations.salesforce.simulator.keys import new_private_key, public_key_of
from integrations.salesforce.simulator.org import ORGANIZATION_ID, Author, Change, Org, OrgState
from integrations.salesforce.simulator.outbound_messages import OutboundMessages, notification_of
from integrations.salesforce.simulator.rest import VERSION, Answer, Call, RestApi, segments_of
from integrations.salesforce.simulator.schema import ApiError, not_found
from integrations.salesforce.simulator.switches import SalesforceSwitches
from integrations.salesforce.simulator.tokens import ExternalClientApp, TokenRefused, TokenService, TokenState

if TYPE_CHECKING:
    from integrations.salesforce.simulator.pubsub import PubSubApi

USERNAME = "integration@example.org"
_QUOTA = 15_000
_LOGIN = "/services/oauth2/token"
_WITH_BODY = frozenset({"POST", "PATCH"})
_LIMIT = ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
_NO_SESSION = ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
_FAULTS = {
    "server_error": ApiError(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId"),
    "quota_spent": _LIMIT,
    "expire_token": _NO_SESSION,
}


class SalesforceOptions(SimulatorOptions):
    """What the org is started with."""

    client_id: str = "3MVG9.dealwright.simulator"
    client_secret: str = "not-a-secret-of-anybody"  # noqa: S105 - of a simulator
    webhook_secret: str = "salesforce-secret-of-the-simulator"  # noqa: S105 - likewise
    """The last part of the address that outbound messages go to."""
    events: bool = False
    """Whether it has the Pub/Sub API, which needs the extra ``salesforce-events``."""
    private_key: str = ""
    """What assertions are signed with, in PEM form; without it the simulator makes a pair."""


class SalesforceState(BaseModel):
    """All that the simulator holds."""

    org: OrgState = OrgState()
    tokens: TokenState = TokenState()
    change_events: list[JsonValue] = []
    private_key: str = ""
    used: int = 0
    """Calls within the last 24 hours."""


class SalesforceSimulator(Simulator[SalesforceState, SalesforceOptions]):
    """A Salesforce org."""

    name: ClassVar[str] = "salesforce"
    title: ClassVar[str] = "Salesforce"
    switches: SalesforceSwitches

    def __init__(self, options: SalesforceOptions, state: SalesforceState) -> None:
        switches = SalesforceSwitches()
        super().__init__(options, state, switches, OutboundMessages(state.org, switches))
        state.private_key = options.private_key or state.private_key or new_private_key()
        people.let_in(state.org, self.now())
        self.org = Org(state.org, self.now)
        self.org.listeners.append(self._heard)
        rules.set_up(self.org, switches)
        self.api = RestApi(self.org)
        self.events: PubSubApi | None = None
        self._pubsub = ""
        self.tokens = TokenService(
            self.org,
            ExternalClientApp(
                client_id=options.client_id,
                client_secret=options.client_secret,
                certificate=public_key_of(state.private_key),
                run_as=people.INTEGRATION,
                usernames={USERNAME: people.INTEGRATION},
            ),
            state.tokens,
        )

    @classmethod
    @override
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> SalesforceSimulator:
        state = SalesforceState.model_validate_json(kept) if kept else SalesforceState()
        return cls(SalesforceOptions.model_validate(options), state)

    @override
    def routes(self) -> Sequence[BaseRoute]:
        anything = ["GET", "POST", "PATCH", "DELETE", "PUT"]
        return [
            Route(_LOGIN, self._token, methods=["POST"]),
            Route("/{path:path}", self._call, methods=anything),
        ]

    @override
    def refusal(self, request: Request) -> Response | None:
        if request.url.path == _LOGIN:
            return None
        self.state.used += 1
        if self.state.used > _QUOTA:
            return self._refused(_LIMIT)
        return None if self._user(request) else self._refused(_NO_SESSION)

    @override
    def answer_to(self, fault: str) -> Response:
        return self._refused(_FAULTS[fault])

    @override
    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        if change.get("do") == "approve":  # the app, in the browser: the first refresh token of the web server flow
            return {"refresh_token": self.tokens.first_refresh_token(people.INTEGRATION)}
        return changes_by_people.carry_out(self.org, change)

    @override
    def connection(self, address: str) -> ConnectionExample:
        events: dict[str, JsonValue] = {"change_events": True, "pubsub": self._pubsub} if self._pubsub else {}
        block: dict[str, JsonValue] = {
            **events,
            "base_url": address,
            "organization": ORGANIZATION_ID,
            "client_id": self.options.client_id,
            "username": USERNAME,
            "private_key": "secret:SALESFORCE_PRIVATE_KEY",
            "settings": {"currency": "EUR", "won_stage": "close"},
            "stages": {
                "research": "Prospecting",
                "outreach": "Qualification",
                "discovery": "Needs Analysis",
                "presentation": "Value Proposition",
                "proposal": "Proposal/Price Quote",
            },
            "webhook_secrets": ["secret:SALESFORCE_WEBHOOK_SECRET"],
        }
        secrets = {
            "SALESFORCE_PRIVATE_KEY": self.state.private_key,
            "SALESFORCE_WEBHOOK_SECRET": self.options.webhook_secret,
        }
        return ConnectionExample(source=self.name, is_crm=True, block=block, secrets=secrets)

    @override
    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        if not self.options.events:
            yield
            return
        from integrations.salesforce.simulator.pubsub import PubSubApi

        self.events = PubSubApi(self.state.change_events, self.tokens.user_of)
        self._pubsub = await self.events.start()
        try:
            yield
        finally:
            await self.events.stop()

    def _heard(self, change: Change) -> None:
        self.state.change_events.append(change_event(self.org, change))
        if self.events is not None:
            asyncio.get_running_loop().create_task(self.events.published())
        if (notification := notification_of(change)) is not None:
            address = f"{self.options.target.rstrip('/')}/{self.options.webhook_secret}" if self.options.target else ""
            self.webhooks.add(address, notification)

    def _user(self, request: Request) -> str | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        return self.tokens.user_of(token) if kind in ("Bearer", "OAuth") else None

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        try:
            return JSONResponse(self.tokens.answer(form, str(request.base_url).rstrip("/")))
        except TokenRefused as refused:
            return JSONResponse({"error": refused.error, "error_description": refused.description}, 400)

    async def _call(self, request: Request) -> Response:
        try:
            answer = self._answer(request, await request.body())
        except ApiError as error:
            return self._refused(error)
        if answer.body is None:
            return Response(status_code=answer.status, headers=self._limits())
        return JSONResponse(answer.body, answer.status, headers=self._limits())

    def _answer(self, request: Request, body: bytes) -> Answer:
        raw: bytes = request.scope["raw_path"]
        segments = segments_of(raw.decode("ascii"))
        if segments[:3] != ("services", "data", VERSION):
            raise not_found()
        call = Call(
            method=request.method,
            segments=segments[3:],
            query=request.query_params,
            body=_document(request, body),
            author=Author.by_rest(self._user(request) or "", _client(request)),
        )
        return answer_bundle(self.api, call) if call.segments[:1] == ("composite",) else self.api.answer(call)

    def _refused(self, error: ApiError) -> Response:
        return JSONResponse([error.entry()], error.status, headers=self._limits())

    def _limits(self) -> dict[str, str]:
        return {"Sforce-Limit-Info": f"api-usage={self.state.used}/{_QUOTA}"}


def _document(request: Request, body: bytes) -> JsonValue:
    if request.method not in _WITH_BODY:
        return None
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type header specified in HTTP request is not supported")
    try:
        document: JsonValue = from_json(body)
    except ValueError:
        raise ApiError(400, "JSON_PARSER_ERROR", "Unexpected character in the request body") from None
    return document


def _client(request: Request) -> str:
    """The ``client`` of ``Sforce-Call-Options: client=Dealwright, defaultNamespace=…``."""
    parts = [part.strip().partition("=") for part in request.headers.get("sforce-call-options", "").split(",")]
    return next((value for name, _, value in parts if name == "client"), "")
