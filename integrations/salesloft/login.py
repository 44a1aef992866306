"""How Salesloft lets us in: by an API key, or by access tokens of an OAuth application.

https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/. An access token is good for two hours.
A renewal spends the refresh token at once, and gives the next one.
"""

from __future__ import annotations

from integrations.kit.credentials import Credentials, FixedToken
from integrations.kit.oauth import OAuthGrant, client_credentials_form, refresh_form
from integrations.kit.tokens import SharedTokens
from integrations.salesloft.settings import SOURCE, SalesloftConnection
from store.database import Store


def credentials_of(connection: SalesloftConnection, store: Store) -> Credentials:
    """The API key, or the access tokens of the application, which all workers share."""
    if connection.api_key is not None:
        return FixedToken(connection.api_key)
    client, secret = connection.client_id or "", connection.credential
    first = connection.refresh_token.get_secret_value() if connection.refresh_token else None
    form = refresh_form(client, secret) if first else client_credentials_form(client, secret)
    grant = OAuthGrant("Salesloft", connection.token_url, form, spends=first is not None)
    return SharedTokens(store, SOURCE, grant, seed=(client, secret, first or ""), first_refresh=first)
