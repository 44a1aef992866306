"""The Web API (https://docs.slack.dev/apis/web-api): ``POST /api/<method>``, and ``GET`` where a method reads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.slack.simulator.blocks import checked_blocks
from integrations.slack.simulator.errors import SlackError, too_many
from integrations.slack.simulator.workspace import APP, BOT, TEAM, Message, Whisper, Workspace

_LONGEST_TEXT = 40_000
_MOST_IN_PAGE = 999
_Arguments: TypeAlias = dict[str, JsonValue]
_Method: TypeAlias = Callable[[_Arguments], dict[str, JsonValue]]


class WebApi:
    """The methods that Dealwright calls; others are answered ``unknown_method``."""

    def __init__(
        self, workspace: Workspace, scopes: frozenset[str], posts_a_second: int, now: Callable[[], datetime]
    ) -> None:
        self._workspace, self._scopes, self._most, self._now = workspace, scopes, posts_a_second, now
        self._told_scopes = {"X-OAuth-Scopes": ",".join(sorted(scopes))}
        self._posted: dict[str, deque[datetime]] = {}
        self._methods: dict[str, tuple[_Method, str]] = {
            "auth.test": (self._auth_test, ""),
            "chat.postMessage": (self._post_message, "chat:write"),
            "chat.update": (self._update, "chat:write"),
            "chat.postEphemeral": (self._post_ephemeral, "chat:write"),
            "users.lookupByEmail": (self._lookup_by_email, "users:read.email"),
            "users.info": (self._users_info, "users:read"),
            "conversations.open": (self._open, "im:write"),
            "conversations.history": (self._history, ""),
        }

    def routes(self) -> Sequence[BaseRoute]:
        """One path for all methods."""
        return [Route("/api/{method}", self._call, methods=["GET", "POST"])]

    async def _call(self, request: Request) -> Response:
        try:
            method, scope = self._method(request.path_params["method"])
            self._need(scope)
            arguments = await _arguments(request)
            if method in {self._post_message, self._update} and not self._has_room(str(arguments.get("channel"))):
                return too_many(1)
            return JSONResponse({"ok": True, **method(arguments)}, headers=self._told_scopes)
        except SlackError as error:
            return error.response()

    def _method(self, name: str) -> tuple[_Method, str]:
        if name not in self._methods:
            raise SlackError("unknown_method")
        return self._methods[name]

    def _need(self, scope: str) -> None:
        if scope and scope not in self._scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self._scopes)))

    def _has_room(self, channel: str) -> bool:
        """About one message a second in a channel."""
        posted, now = self._posted.setdefault(channel, deque()), self._now()
        while posted and posted[0] <= now - timedelta(seconds=1):
            posted.popleft()
        if len(posted) >= self._most:
            return False
        posted.append(now)
        return True

    def _auth_test(self, _: _Arguments) -> dict[str, JsonValue]:
        return {"team_id": TEAM, "team": "Simulated", "user_id": BOT, "bot_id": "B0BOT", "app_id": APP}

    def _post_message(self, given: _Arguments) -> dict[str, JsonValue]:
        channel = str(given.get("channel") or "")
        place = self._workspace.direct(channel) if channel.startswith("U") else self._workspace.conversation(channel)
        if not place.has_bot:
            raise SlackError("not_in_channel")
        if place.is_archived:
            raise SlackError("is_archived")
        text, blocks = _content(given)
        metadata = _metadata(given.get("metadata"))
        ts = self._workspace.new_ts(self._now())
        message = Message(channel=place.id, ts=ts, text=text, blocks=blocks, metadata=metadata)
        self._workspace.messages.append(message)
        return {"channel": place.id, "ts": ts, "message": message.shown(with_metadata=True)}

    def _update(self, given: _Arguments) -> dict[str, JsonValue]:
        message = self._workspace.message(str(given.get("channel") or ""), str(given.get("ts") or ""))
        message.text, message.blocks = _content(given)
        if "metadata" in given:
            message.metadata = _metadata(given["metadata"])
        message.edits += 1
        return {"channel": message.channel, "ts": message.ts, "text": message.text}

    def _post_ephemeral(self, given: _Arguments) -> dict[str, JsonValue]:
        place, user = self._workspace.conversation(str(given.get("channel") or "")), str(given.get("user") or "")
        if user not in self._workspace.users or place.user not in {None, user}:
            raise SlackError("user_not_in_channel")
        text, _ = _content(given)
        self._workspace.whispers.append(Whisper(channel=place.id, user=user, text=text))
        return {"message_ts": self._workspace.new_ts(self._now())}

    def _lookup_by_email(self, given: _Arguments) -> dict[str, JsonValue]:
        email = str(given.get("email") or "").lower()
        for user in self._workspace.users.values():
            if user.email == email and not user.deleted:
                return {"user": user.shown(with_email=True)}
        raise SlackError("users_not_found")

    def _users_info(self, given: _Arguments) -> dict[str, JsonValue]:
        user = self._workspace.users.get(str(given.get("user") or ""))
        if user is None:
            raise SlackError("user_not_found")
        return {"user": user.shown(with_email="users:read.email" in self._scopes)}

    def _open(self, given: _Arguments) -> dict[str, JsonValue]:
        return {"channel": {"id": self._workspace.direct(str(given.get("users") or "")).id}}

    def _history(self, given: _Arguments) -> dict[str, JsonValue]:
        place = self._workspace.conversation(str(given.get("channel") or ""))
        self._need("im:history" if place.user else "channels:history")
        if not place.has_bot:
            raise SlackError("not_in_channel")
        limit = min(int(str(given.get("limit") or 100)), _MOST_IN_PAGE)
        start = int(str(given.get("cursor") or 0))
        newest_first = [one for one in reversed(self._workspace.messages) if one.channel == place.id]
        page, more = newest_first[start : start + limit], len(newest_first) > start + limit
        all_metadata = str(given.get("include_all_metadata") or "").lower() in {"true", "1"}
        return {
            "messages": [one.shown(with_metadata=all_metadata) for one in page],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }


async def _arguments(request: Request) -> _Arguments:
    query = {name: str(value) for name, value in request.query_params.items()}
    if request.method == "GET":
        return {**query}
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        read = from_json(await request.body())
        if not isinstance(read, dict):
            raise SlackError("json_not_object")
        return read
    if kind == "application/x-www-form-urlencoded":
        return {**query, **{name: str(value) for name, value in (await request.form()).items()}}
    raise SlackError("invalid_post_type")


def _content(given: _Arguments) -> tuple[str, list[JsonValue]]:
    text, blocks = str(given.get("text") or ""), checked_blocks(given.get("blocks"))
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > _LONGEST_TEXT:
        raise SlackError("msg_too_long")
    return text, blocks


def _metadata(given: JsonValue) -> JsonValue:
    match given:
        case None | {"event_type": str(), "event_payload": dict()}:
            return given
    raise SlackError("invalid_metadata_format")
