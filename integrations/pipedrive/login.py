"""How Pipedrive lets us in: by a user's API token, or by access tokens of an app that a user let in.

https://pipedrive.readme.io/docs/marketplace-oauth-authorization. An access token is good for an hour, and its answer
says where the company's API is. A renewal spends nothing: the refresh token stays, and is good for 60 days more.
"""

from __future__ import annotations

import base64

from integrations.kit.credentials import Credentials, FixedToken
from integrations.kit.oauth import OAuthGrant
from integrations.kit.tokens import SharedTokens
from integrations.pipedrive.settings import SOURCE, PipedriveConnection
from store.database import Store

ANY_COMPANY = "https://api.pipedrive.com"
"""Where the API of any company is, for access tokens."""


def credentials_of(connection: PipedriveConnection, store: Store) -> Credentials:
    """The API token, or the access tokens of the app, which all workers share."""
    if connection.token is not None:
        return FixedToken(connection.token, header="x-api-token", form="{}")
    client = connection.client_id or ""
    secret = connection.client_secret.get_secret_value() if connection.client_secret else ""
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    grant = OAuthGrant("Pipedrive", connection.token_url, _form, spends=False, basic=basic)
    return SharedTokens(store, SOURCE, grant, seed=(client, connection.key), first_refresh=connection.key)


def _form(refresh: str | None) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": refresh or ""}
