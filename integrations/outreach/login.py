"""How Outreach lets us in: access tokens of two hours, by a refresh token that each renewal replaces.

https://developers.outreach.io/api/oauth. One token a minute for a user (429), so the workers share one.
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations.kit.oauth import OAuthGrant, refresh_form
from integrations.kit.tokens import SharedTokens
from integrations.outreach.settings import SOURCE, OutreachConnection
from store.database import Store


def tokens_of(connection: OutreachConnection, store: Store) -> SharedTokens:
    """The tokens of an installation, shared by its processes."""
    renewal = refresh_form(connection.client_id, connection.client_secret.get_secret_value())
    said = {"redirect_uri": connection.redirect_uri} if connection.redirect_uri else {}

    def form(refresh: str | None) -> Mapping[str, str]:
        return {**renewal(refresh), **said}

    grant = OAuthGrant("Outreach", f"{connection.base_url}/oauth/token", form, spends=True)
    first = connection.refresh_token.get_secret_value()
    return SharedTokens(store, SOURCE, grant, seed=(connection.client_id, first), first_refresh=first)
