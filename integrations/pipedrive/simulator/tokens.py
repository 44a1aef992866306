"""OAuth 2 as Pipedrive documents it: codes for five minutes, access tokens for an hour, refresh tokens that stay.

A refresh token ends when it was not used for 60 days, or with the app. Errors are Pipedrive's own.
https://pipedrive.readme.io/docs/marketplace-oauth-authorization
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
CODE_LASTS, SESSION, UNUSED = timedelta(minutes=5), timedelta(hours=1), timedelta(days=60)
_FORM = "application/x-www-form-urlencoded"


class TokenState(BaseModel):
    """Which codes and tokens are good, each until a time."""

    codes: dict[str, AwareDatetime] = {}
    refresh: dict[str, AwareDatetime] = {}
    access: dict[str, AwareDatetime] = {}


class TokenService:
    """The tokens of one app that one user may let in."""

    def __init__(self, client: tuple[str, str], state: TokenState, now: Callable[[], datetime]) -> None:
        self._basic = "Basic " + base64.b64encode(":".join(client).encode()).decode()
        self._state, self._now = state, now

    def routes(self) -> list[Route]:
        """The token endpoint."""
        return [Route(TOKEN_PATH, self._answer, methods=["POST"])]

    def approve(self) -> str:
        """The user lets the app in; returns the code that the browser brings back."""
        code = f"14000001.11000001.{secrets.token_hex(20)}"
        self._state.codes[code] = self._now() + CODE_LASTS
        return code

    def uninstall(self) -> None:
        """The user uninstalls the app: no token is good any more."""
        self._state.refresh.clear()
        self._state.access.clear()

    def is_good(self, authorization: str) -> bool:
        """Whether a call with this header is let in."""
        kind, _, token = authorization.partition(" ")
        return kind == "Bearer" and self._state.access.get(token, self._now()) > self._now()

    async def _answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != self._basic:
            return _refused(401, "invalid_client", "Client authentication failed")
        if not request.headers.get("content-type", "").startswith(_FORM):
            return _refused(400, "invalid_request", "The content type has to be that of a form")
        form = dict(parse_qsl((await request.body()).decode()))
        refresh = self._refresh_token(form)
        if refresh is None:
            return _refused(400, "invalid_grant", "Invalid grant: the code or the refresh token is invalid or expired")
        now, access = self._now(), f"v1u:{secrets.token_urlsafe(40)}"
        self._state.refresh[refresh], self._state.access[access] = now + UNUSED, now + SESSION
        told = {"access_token": access, "token_type": "Bearer", "refresh_token": refresh, "expires_in": 3599,
                "scope": "base deals:full activities:full contacts:full search:read users:read admin",
                "api_domain": str(request.base_url).rstrip("/")}  # fmt: skip
        return JSONResponse(told)

    def _refresh_token(self, form: Mapping[str, str]) -> str | None:
        """The refresh token that a request is about: a new one for a code, else its own; None for what is not good."""
        match form.get("grant_type"):
            case "authorization_code" if "redirect_uri" in form:
                good = self._state.codes.pop(form.get("code", ""), self._now()) > self._now()
                return f"14000001:11000001:{secrets.token_hex(20)}" if good else None
            case "refresh_token":
                token = form.get("refresh_token", "")
                return token if self._state.refresh.get(token, self._now()) > self._now() else None
            case _:
                return None


def _refused(status: int, error: str, message: str) -> Response:
    return JSONResponse({"success": False, "message": message, "error": error}, status)
