"""Salesloft's OAuth 2: access tokens for two hours; each renewal ends the refresh token that it spends.

https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
SESSION = timedelta(seconds=7200)


class TokenState(BaseModel):
    """Which tokens are good."""

    refresh: str = ""
    """The one refresh token that is good."""
    access: dict[str, AwareDatetime] = {}
    spent: list[str] = []


class TokenService:
    """The tokens of one application."""

    def __init__(self, client: tuple[str, str], state: TokenState, now: Callable[[], datetime]) -> None:
        self._client, self._state, self._now = client, state, now

    def routes(self) -> list[Route]:
        """The token endpoint, which is on a host of its own at Salesloft's."""
        return [Route(TOKEN_PATH, self._answer, methods=["POST"])]

    def is_good(self, token: str) -> bool:
        """Whether a call with this access token is let in."""
        return self._state.access.get(token, self._now()) > self._now()

    async def _answer(self, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return _refused(400, "invalid_request", "The request is missing a required parameter")
        form = dict(parse_qsl((await request.body()).decode()))
        if (form.get("client_id"), form.get("client_secret")) != self._client:
            return _refused(401, "invalid_client", "Client authentication failed")
        return self._granted(form)

    def _granted(self, form: Mapping[str, str]) -> Response:
        access, now = secrets.token_urlsafe(32), self._now()
        told: dict[str, str | int] = {"access_token": access, "token_type": "bearer", "expires_in": 7200, "scope": ""}
        match form.get("grant_type"):
            case "client_credentials":
                pass
            case "refresh_token" if form.get("refresh_token") == self._state.refresh != "":
                self._state.spent.append(self._state.refresh)
                self._state.refresh = secrets.token_urlsafe(32)
                told["refresh_token"] = self._state.refresh
            case _:
                return _refused(400, "invalid_grant", "The provided authorization grant is invalid, expired or revoked")
        self._state.access[access] = now + SESSION
        return JSONResponse(told)


def _refused(status: int, error: str, message: str) -> Response:
    return JSONResponse({"error": error, "error_description": message}, status)
