"""How we log in to a mailbox with OAuth 2, as Google and Microsoft want it (SASL ``XOAUTH2``).

https://developers.google.com/workspace/gmail/imap/xoauth2-protocol and
https://learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations.imap.settings import ImapConnection, ImapOAuth
from integrations.kit.oauth import Form, OAuthGrant, client_credentials_form, refresh_form
from integrations.kit.tokens import SharedTokens
from store.database import Store

_AS_APP, _AS_USER = "https://outlook.office365.com/.default", "https://outlook.office365.com/IMAP.AccessAsUser.All"


def tokens_of(connection: ImapConnection, store: Store) -> SharedTokens | None:
    """The access tokens for a mailbox; None where it is opened with a password."""
    oauth = connection.oauth
    if oauth is None:
        return None
    first = oauth.refresh_token.get_secret_value() if oauth.refresh_token else None
    # Neither of them ends a refresh token that was used.
    grant = OAuthGrant("imap", _endpoint(oauth), _form(oauth), spends=False)
    seed = (oauth.provider, oauth.client_id, connection.username, first or "")
    return SharedTokens(store, f"imap:{connection.username}", grant, seed=seed, first_refresh=first)


def _endpoint(oauth: ImapOAuth) -> str:
    if oauth.token_url:
        return oauth.token_url
    if oauth.provider == "google":
        return "https://oauth2.googleapis.com/token"
    return f"https://login.microsoftonline.com/{oauth.tenant}/oauth2/v2.0/token"


def _form(oauth: ImapOAuth) -> Form:
    secret = oauth.client_secret.get_secret_value() if oauth.client_secret else None
    if oauth.refresh_token is None:
        return client_credentials_form(oauth.client_id, secret or "", _AS_APP)
    refresh = refresh_form(oauth.client_id, secret)
    scope = {"scope": f"{_AS_USER} offline_access"} if oauth.provider == "microsoft" else {}

    def form(token: str | None) -> Mapping[str, str]:
        return {**refresh(token), **scope}

    return form
