"""The token endpoint: JWT bearer, client credentials, and refresh tokens that are good for one use.

Errors are ``{error, error_description}`` with status 400, as RFC 6749 has them.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import jwt
from pydantic import AwareDatetime, BaseModel

from integrations.salesforce.simulator.org import ORGANIZATION_ID, Org

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=3)
SESSION = timedelta(hours=2)


@dataclass(frozen=True)
class TokenRefused(Exception):
    """A token request that is refused."""

    error: str
    description: str


@dataclass(frozen=True, kw_only=True)
class ExternalClientApp:
    """What an administrator sets up for us: who may log in, and how that is proven."""

    client_id: str
    client_secret: str
    certificate: str
    """The public key, in PEM form, that assertions are checked with."""
    run_as: str
    """The id of the user that client credentials stand for."""
    usernames: Mapping[str, str]
    """Usernames that are approved beforehand, and the ids of their users."""
    audiences: frozenset[str] = frozenset({"https://login.salesforce.com"})


class Session(BaseModel):
    """What an access token stands for."""

    user: str
    expires_at: AwareDatetime
    family: str | None = None
    revoked: bool = False


class TokenState(BaseModel):
    """Which tokens are good."""

    sessions: dict[str, Session] = {}
    current: dict[str, str] = {}
    """Of each family of refresh tokens, the one that is good."""
    spent: dict[str, str] = {}
    """Refresh tokens that were used, and their family."""


class TokenService:
    """Tokens of one app in one org."""

    def __init__(self, org: Org, app: ExternalClientApp, state: TokenState) -> None:
        self.org, self.app, self.state = org, app, state

    def answer(self, form: Mapping[str, str], instance_url: str) -> dict[str, str]:
        """The answer to a token request.

        Raises:
            TokenRefused: it is refused.
        """
        match form.get("grant_type"):
            case "client_credentials":
                self._check_secret(form)
                return self._granted(self.app.run_as, instance_url)
            case "refresh_token":
                return self._refreshed(form, instance_url)
            case grant if grant == JWT_BEARER:
                return self._granted(self._user_of(form.get("assertion", "")), instance_url)
        raise TokenRefused("unsupported_grant_type", "grant type not supported")

    def user_of(self, access_token: str) -> str | None:
        """Whose session this is; None when it is unknown, over or revoked."""
        session = self.state.sessions.get(access_token)
        if session is None or session.revoked or session.expires_at <= self.org.clock():
            return None
        return session.user

    def expire_all(self) -> None:
        """End every session, as an administrator does who revokes them."""
        for session in self.state.sessions.values():
            session.revoked = True

    def first_refresh_token(self, user: str) -> str:
        """The refresh token that somebody gets who approved the app in the browser."""
        family = secrets.token_hex(8)
        self.state.current[family] = f"{user}.{secrets.token_urlsafe(24)}"
        return self.state.current[family]

    def _check_secret(self, form: Mapping[str, str]) -> None:
        if form.get("client_id") != self.app.client_id:
            raise TokenRefused("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(form.get("client_secret", ""), self.app.client_secret):
            raise TokenRefused("invalid_client", "invalid client credentials")

    def _user_of(self, assertion: str) -> str:
        try:
            claims = jwt.decode(
                assertion,
                self.app.certificate,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_aud": False, "require": ["iss", "sub", "aud", "exp"]},
            )
        except jwt.InvalidTokenError as wrong:
            raise TokenRefused("invalid_grant", f"invalid assertion: {wrong}") from None
        left = claims["exp"] - self.org.clock().timestamp()
        if claims["iss"] != self.app.client_id:
            raise TokenRefused("invalid_client_id", "client identifier invalid")
        if claims["aud"] not in self.app.audiences:
            raise TokenRefused("invalid_grant", "audience is invalid")
        if not 0 < left <= LONGEST_ASSERTION.total_seconds():
            raise TokenRefused("invalid_grant", "expired authorization code")
        if (user := self.app.usernames.get(claims["sub"])) is None:
            raise TokenRefused("invalid_grant", "user hasn't approved this consumer")
        return user

    def _refreshed(self, form: Mapping[str, str], instance_url: str) -> dict[str, str]:
        self._check_secret(form)
        token = form.get("refresh_token", "")
        if (family := self.state.spent.get(token)) is not None:  # somebody else has it too: end all that came of it
            self.state.current.pop(family, None)
            for session in self.state.sessions.values():
                session.revoked = session.revoked or session.family == family
            raise TokenRefused("invalid_grant", "expired access/refresh token")
        family = next((name for name, good in self.state.current.items() if good == token), None)
        if family is None:
            raise TokenRefused("invalid_grant", "expired access/refresh token")
        user = token.partition(".")[0]
        self.state.spent[token] = family
        self.state.current[family] = f"{user}.{secrets.token_urlsafe(24)}"
        return {**self._granted(user, instance_url, family), "refresh_token": self.state.current[family]}

    def _granted(self, user: str, instance_url: str, family: str | None = None) -> dict[str, str]:
        now = self.org.clock()
        access = f"{ORGANIZATION_ID}!{secrets.token_urlsafe(32)}"
        self.state.sessions[access] = Session(user=user, expires_at=now + SESSION, family=family)
        issued = str(int(now.timestamp() * 1000))
        identity = f"https://login.salesforce.com/id/{ORGANIZATION_ID}/{user}"
        signature = hmac.digest(self.app.client_secret.encode(), (identity + issued).encode(), "sha256")
        return {
            "access_token": access,
            "instance_url": instance_url,
            "id": identity,
            "issued_at": issued,
            "signature": base64.b64encode(signature).decode(),
            "token_type": "Bearer",
            "scope": "api",
        }
