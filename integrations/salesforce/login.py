"""How we log in to an org, and what it says of its limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt

from integrations.kit.oauth import Form, OAuthGrant, client_credentials_form, refresh_form
from integrations.kit.request_budget import Remaining
from integrations.salesforce.settings import SOURCE, SalesforceConnection

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_LASTS = timedelta(minutes=2)
"""Salesforce takes assertions that end within three minutes."""
_SESSION_LASTS = timedelta(hours=1)
"""Salesforce does not say how long a session lasts. An org may set 15 minutes; a 401 before the hour renews it too."""
_LOOK_AGAIN = timedelta(minutes=15)
"""The 24 hours that are counted roll on, so that some calls are free again at any time."""
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


def grant_of(connection: SalesforceConnection) -> OAuthGrant:
    """What asks for access tokens. Where it spends no refresh token, it may ask again."""
    endpoint = f"{connection.base_url or connection.login_url}{TOKEN_PATH}"
    return OAuthGrant(
        SOURCE, endpoint, _form(connection), spends=connection.refresh_token is not None, lasts=_SESSION_LASTS
    )


def remaining(headers: Mapping[str, str]) -> Remaining | None:
    """What an answer says of the org's calls: all programs together, in any 24 hours."""
    found = _USAGE.search(headers.get("sforce-limit-info", ""))
    if found is None:
        return None
    used, most = int(found[1]), int(found[2])
    return Remaining(units=max(most - used, 0), anew_in=_LOOK_AGAIN)


def _form(connection: SalesforceConnection) -> Form:
    secret = connection.client_secret
    if connection.refresh_token is not None:
        return refresh_form(connection.client_id, secret.get_secret_value() if secret else None)
    if secret is not None:
        return client_credentials_form(connection.client_id, secret.get_secret_value())

    def signed(_refresh: str | None) -> Mapping[str, str]:
        key = connection.private_key.get_secret_value() if connection.private_key else ""
        claims = {
            "iss": connection.client_id,
            "sub": connection.username,
            "aud": connection.login_url,
            "exp": int((datetime.now(UTC) + _ASSERTION_LASTS).timestamp()),
        }
        return {"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, key, algorithm="RS256")}

    return signed
