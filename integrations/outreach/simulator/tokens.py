"""``/oauth/token``: access tokens of two hours, and a refresh token that each renewal replaces."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import JSONResponse, Response

from integrations.outreach.simulator.organization import Tokens

LASTS = timedelta(seconds=7200)


@dataclass(frozen=True)
class App:
    """What Outreach's developer portal shows of an app, and the refresh token that its user got."""

    client_id: str
    client_secret: str
    redirect_uri: str
    refresh_token: str


class TokenEndpoint:
    """Gives access tokens."""

    def __init__(self, tokens: Tokens, app: App, now: Callable[[], datetime]) -> None:
        self._tokens, self._app, self._now = tokens, app, now

    def answer(self, form: Mapping[str, str]) -> Response:
        """The answer to a token request (RFC 6749)."""
        app, tokens = self._app, self._tokens
        if form.get("client_id") != app.client_id or not _same(form.get("client_secret"), app.client_secret):
            return _refused("invalid_client", "Client authentication failed", 401)
        if form.get("grant_type") != "refresh_token":
            return _refused("unsupported_grant_type", "The authorization grant type is not supported")
        if form.get("redirect_uri") != app.redirect_uri:
            return _refused("invalid_grant", "The redirect uri does not match")
        good = tokens.refresh or app.refresh_token
        if not _same(form.get("refresh_token"), good) or good in tokens.spent:
            return _refused("invalid_grant", "The provided authorization grant is invalid, expired or revoked")
        tokens.spent.append(good)
        tokens.refresh = secrets.token_urlsafe(32)
        access = secrets.token_urlsafe(32)
        tokens.access[access], tokens.minted = self._now() + LASTS, self._now()
        return JSONResponse({
            "access_token": access, "token_type": "Bearer", "expires_in": int(LASTS.total_seconds()),
            "refresh_token": tokens.refresh, "scope": "prospects.all sequenceStates.all mailings.read webhooks.all",
            "created_at": int(self._now().timestamp()),
        })  # fmt: skip

    def lets_in(self, authorization: str) -> bool:
        """Whether a call's token is good."""
        ends = self._tokens.access.get(authorization.removeprefix("Bearer "))
        return ends is not None and ends > self._now()


def _same(given: str | None, right: str) -> bool:
    return given is not None and hmac.compare_digest(given.encode(), right.encode())


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
