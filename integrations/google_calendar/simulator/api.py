"""Google Calendar's API, v3, as far as the simulator has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.google_calendar.simulator.listing import ListRefused, instances_of, page_of
from integrations.google_calendar.simulator.switches import GoogleCalendarSwitches
from integrations.google_calendar.simulator.tokens import TokenEndpoint, TokenRefused
from integrations.google_calendar.simulator.workspace import Channel, JsonObject, Workspace

API = "https://www.googleapis.com/calendar/v3"
_CHANNEL_ID = re.compile(r"[A-Za-z0-9\-_+/=]{1,64}")
_LONGEST_TOKEN = 256
_LONGEST_LIFE = timedelta(days=7)


def problem(status: int, reason: str, message: str, domain: str = "global") -> Response:
    """An error as Google writes it."""
    errors: JsonValue = [{"domain": domain, "reason": reason, "message": message}]
    return JSONResponse({"error": {"code": status, "message": message, "errors": errors}}, status)


class Api:
    """The paths. ``tell`` sends a channel's notice of a state."""

    def __init__(
        self,
        workspace: Workspace,
        tokens: TokenEndpoint,
        switches: GoogleCalendarSwitches,
        now: Callable[[], datetime],
        tell: Callable[[Channel, str], None],
    ) -> None:
        self._workspace, self._tokens, self._switches = workspace, tokens, switches
        self._now, self._tell = now, tell

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        events = "/calendar/v3/calendars/{calendar}/events"
        return [
            Route("/token", self._token, methods=["POST"]),
            Route(events, self._list),
            Route(f"{events}/{{event}}/instances", self._instances),
            Route(f"{events}/watch", self._watch, methods=["POST"]),
            Route("/calendar/v3/channels/stop", self._stop, methods=["POST"]),
        ]

    async def _token(self, request: Request) -> Response:
        try:
            return JSONResponse(self._tokens.answer(dict(parse_qsl((await request.body()).decode()))))
        except TokenRefused as refused:
            return JSONResponse({"error": refused.error, "error_description": refused.description}, refused.status)

    async def _list(self, request: Request) -> Response:
        if (calendar := self._calendar(request)) is None:
            return problem(404, "notFound", "Not Found")
        try:
            bare, empty = self._switches.bare_deletions, self._switches.take("empty_page")
            page = page_of(
                self._workspace, calendar, dict(request.query_params), bare_deletions=bare, empty_first=empty
            )
        except ListRefused as refused:
            return problem(refused.status, refused.reason, refused.message, "calendar")
        return JSONResponse(page)

    async def _instances(self, request: Request) -> Response:
        calendar, event = self._calendar(request), self._workspace.events.get(request.path_params["event"])
        if calendar is None or event is None or not event.weekly or event.is_gone(calendar):
            return problem(404, "notFound", "Not Found")
        try:
            return JSONResponse(instances_of(self._workspace, calendar, event, dict(request.query_params)))
        except ListRefused as refused:
            return problem(refused.status, refused.reason, refused.message, "calendar")

    async def _watch(self, request: Request) -> Response:
        calendar, body = self._calendar(request), from_json(await request.body())
        if calendar is None:
            return problem(404, "notFound", "Not Found")
        id_, address = str(body.get("id", "")), urlsplit(str(body.get("address", "")))
        if not _CHANNEL_ID.fullmatch(id_) or body.get("type") != "web_hook":
            return problem(400, "invalid", "Invalid value")
        if len(str(body.get("token", ""))) > _LONGEST_TOKEN:
            return problem(400, "invalid", "Invalid token")
        if address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost"}:
            return problem(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS")
        if id_ in self._workspace.channels:
            return problem(400, "channelIdNotUnique", f"Channel id {id_} not unique")
        made = Channel(
            id=id_, calendar=calendar, resource_id=f"resource-{quote(calendar, safe='')}", address=address.geturl(),
            token=str(body.get("token", "")), ends_at=self._now() + self._life(body),
        )  # fmt: skip
        self._workspace.channels[id_] = made
        self._tell(made, "sync")
        shown: JsonObject = {
            "kind": "api#channel", "id": id_, "resourceId": made.resource_id, "resourceUri": resource_uri(calendar),
            "token": made.token, "expiration": str(int(made.ends_at.timestamp() * 1000)),
        }  # fmt: skip
        return JSONResponse(shown)

    async def _stop(self, request: Request) -> Response:
        body = from_json(await request.body())
        there = self._workspace.channels.get(str(body.get("id", "")))
        if there is None or there.resource_id != body.get("resourceId"):
            return problem(404, "notFound", f"Channel '{body.get('id')}' not found for project")
        del self._workspace.channels[there.id]
        return Response(status_code=204)

    def _life(self, body: JsonObject) -> timedelta:
        params = body.get("params")
        asked = str(params.get("ttl")) if isinstance(params, dict) else ""
        seconds = timedelta(seconds=int(asked)) if asked.isdecimal() else _LONGEST_LIFE
        return min(seconds, _LONGEST_LIFE)

    def _calendar(self, request: Request) -> str | None:
        """The calendar that a call is about, if whom it stands for sees it."""
        calendar = str(request.path_params["calendar"])
        subject = self._tokens.subject_of(request.headers.get("authorization", ""))
        sees = subject in {calendar, self._workspace.calendars[0]}
        return calendar if calendar in self._workspace.calendars and sees else None


def resource_uri(calendar: str) -> str:
    """The address of what a channel watches."""
    return f"{API}/calendars/{quote(calendar, safe='')}/events?alt=json"
