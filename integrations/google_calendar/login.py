"""How we are let in: access tokens for a service account that stands for a user, or for a user's refresh token.

https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt

from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection, ServiceAccountKey
from integrations.kit.oauth import Form, OAuthGrant, refresh_form
from integrations.kit.tokens import SharedTokens
from store.database import Store

SCOPE = "https://www.googleapis.com/auth/calendar.events.readonly"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
_ASSERTION_LASTS = timedelta(minutes=10)
"""Google takes assertions that end within an hour."""


def tokens_for(connection: GoogleCalendarConnection, store: Store, subject: str | None) -> SharedTokens:
    """The access tokens for what a user sees. A refresh token is good for many uses, so nothing is spent by asking."""
    name = SOURCE if subject is None else f"{SOURCE} as {subject}"
    key, refresh = connection.service_account, connection.refresh_token
    if key is not None and subject is not None:
        account = ServiceAccountKey.model_validate_json(key.get_secret_value())
        form, seed = _signed_by(account, subject), (account.client_email, account.private_key, subject)
        return SharedTokens(store, name, OAuthGrant(SOURCE, connection.token_url, form, spends=False), seed=seed)
    client, secret = connection.client_id or "", connection.client_secret
    first = refresh.get_secret_value() if refresh else ""
    form = refresh_form(client, secret.get_secret_value() if secret else None)
    grant = OAuthGrant(SOURCE, connection.token_url, form, spends=False)
    return SharedTokens(store, name, grant, seed=(client, first), first_refresh=first)


def _signed_by(account: ServiceAccountKey, subject: str) -> Form:
    def signed(_refresh: str | None) -> Mapping[str, str]:
        now = datetime.now(UTC)
        claims = {
            "iss": account.client_email,
            "sub": subject,
            "scope": SCOPE,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LASTS).timestamp()),
        }
        return {"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, account.private_key, algorithm="RS256")}

    return signed
