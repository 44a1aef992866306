"""The token endpoint: a service account that stands for a user of its Workspace, and a user's refresh token."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from integrations.google_calendar.simulator.workspace import AccessToken, JsonObject, Workspace

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
_SCOPES = frozenset(f"https://www.googleapis.com/auth/calendar{more}" for more in ("", ".events", ".events.readonly"))
_LASTS = timedelta(seconds=3599)
_LONGEST_ASSERTION = timedelta(hours=1)


@dataclass(frozen=True)
class TokenRefused(Exception):
    """A token request that is refused."""

    status: int
    error: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Client:
    """What was set up for us."""

    client_id: str
    client_secret: str
    refresh_token: str
    user: str
    """Who gave the refresh token."""
    service_account: str
    public_key: str
    """Of the service account, in PEM form; empty where it has none."""


class TokenEndpoint:
    """Gives access tokens."""

    def __init__(self, workspace: Workspace, client: Client, now: Callable[[], datetime]) -> None:
        self._workspace, self._client, self._now = workspace, client, now

    def answer(self, form: Mapping[str, str]) -> JsonObject:
        """The answer to a token request.

        Raises:
            TokenRefused: it is refused.
        """
        match form.get("grant_type"):
            case "refresh_token":
                subject = self._refreshed(form)
            case grant if grant == JWT_BEARER:
                subject = self._stood_for(form.get("assertion", ""))
            case _:
                raise TokenRefused(400, "unsupported_grant_type", "Invalid grant_type")
        token = f"ya29.{secrets.token_urlsafe(32)}"
        self._workspace.tokens[token] = AccessToken(subject=subject, ends_at=self._now() + _LASTS)
        return {"access_token": token, "expires_in": int(_LASTS.total_seconds()), "token_type": "Bearer"}

    def subject_of(self, authorization: str) -> str | None:
        """Whom a call's token stands for; None when it is not good."""
        there = self._workspace.tokens.get(authorization.removeprefix("Bearer "))
        return there.subject if there is not None and there.ends_at > self._now() else None

    def _refreshed(self, form: Mapping[str, str]) -> str:
        client = self._client
        if form.get("client_id") != client.client_id or not hmac.compare_digest(
            form.get("client_secret", ""), client.client_secret
        ):
            raise TokenRefused(401, "invalid_client", "The OAuth client was not found.")
        if not hmac.compare_digest(form.get("refresh_token", ""), client.refresh_token):
            raise TokenRefused(400, "invalid_grant", "Token has been expired or revoked.")
        return client.user

    def _stood_for(self, assertion: str) -> str:
        try:
            claims = jwt.decode(
                assertion, self._client.public_key, algorithms=["RS256"],
                options={"verify_exp": False, "verify_iat": False, "verify_aud": False,
                         "require": ["iss", "aud", "exp", "iat"]},
            )  # fmt: skip
        except (jwt.InvalidTokenError, ValueError):
            raise TokenRefused(400, "invalid_grant", "Invalid JWT Signature.") from None
        now = self._now().timestamp()
        if claims["iss"] != self._client.service_account or claims["aud"] != AUDIENCE:
            raise TokenRefused(400, "invalid_grant", "Invalid grant: account not found")
        if not now < claims["exp"] <= claims["iat"] + _LONGEST_ASSERTION.total_seconds():
            raise TokenRefused(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)")
        if (
            not _SCOPES & set(str(claims.get("scope", "")).split())
            or claims.get("sub") not in self._workspace.calendars
        ):
            raise TokenRefused(
                401, "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any "
                "of the scopes requested.",
            )  # fmt: skip
        return str(claims["sub"])
