"""How we are let in: the JWT grant, for one user who has consented, and where the account's API is.

https://developers.docusign.com/platform/auth/jwt-get-token
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import jwt
from pydantic import BaseModel, ConfigDict, SecretStr

from integrations.docusign.settings import SOURCE, DocuSignConnection
from integrations.kit.answers import Operation
from integrations.kit.connection import with_query
from integrations.kit.credentials import FixedToken
from integrations.kit.errors import Refused
from integrations.kit.http import ToolClient
from integrations.kit.oauth import OAuthGrant
from integrations.kit.request_budget import Unlimited
from integrations.kit.tokens import NewToken, SharedTokens
from store.database import Store

SCOPE = "signature impersonation"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
_ASSERTION_LASTS = timedelta(minutes=10)
"""DocuSign takes assertions that end within an hour."""
_WHO = Operation(name="ask whose token it is")


class _Account(BaseModel):
    model_config = ConfigDict(frozen=True)

    account_id: str
    base_uri: str


class _User(BaseModel):
    model_config = ConfigDict(frozen=True)

    accounts: tuple[_Account, ...] = ()


def tokens_for(connection: DocuSignConnection, store: Store) -> SharedTokens:
    """The access tokens of an account. There is no refresh token, so nothing is spent by asking."""
    key = connection.private_key.get_secret_value()
    seed = (connection.integration_key, connection.user_id, connection.account_id, key)
    return SharedTokens(store, SOURCE, ConsentedGrant(connection), seed=seed)


class ConsentedGrant:
    """Asks for a token, and for the address of the account that it is good for."""

    spends = False

    def __init__(self, connection: DocuSignConnection) -> None:
        self._connection = connection
        endpoint = f"{connection.login_url}{TOKEN_PATH}"
        self._token = OAuthGrant(SOURCE, endpoint, self._signed, spends=False)

    async def __call__(self, refresh: str | None) -> NewToken:
        """Ask for a token.

        Raises:
            NotHandedOver: DocuSign cannot be reached.
            Refused: it gives none; where the user has not consented, how they do.
            Unanswered: it gave no answer.
        """
        try:
            given = await self._token(refresh)
        except Refused as error:
            if "consent_required" in error.reason:
                raise Refused(self._consent()) from error
            raise
        return replace(given, base_url=f"{await self._base_uri(given.access)}/restapi")

    async def _base_uri(self, access: str) -> str:
        """Where the account's API is (``GET /oauth/userinfo``)."""
        client = ToolClient("DocuSign", self._connection.login_url, FixedToken(SecretStr(access)), Unlimited())
        try:
            user = (await client.call(_WHO, "/oauth/userinfo")).read_as(_User)
        finally:
            await client.close()
        wanted = self._connection.account_id
        for one in user.accounts:
            if one.account_id.lower() == wanted.lower():
                return one.base_uri.rstrip("/")
        theirs = ", ".join(one.account_id for one in user.accounts) or "none"
        raise Refused(f"the user is in no account {wanted}; those that they are in: {theirs}")

    def _consent(self) -> str:
        where = with_query(
            f"{self._connection.login_url}/oauth/auth", response_type="code", scope=SCOPE,
            client_id=self._connection.integration_key,
        )  # fmt: skip
        return (
            "the user has not consented yet (consent_required): open, logged in as that user, "
            f"{where}&redirect_uri= with a redirect URI of the app at its end"
        )

    def _signed(self, _refresh: str | None) -> Mapping[str, str]:
        now = datetime.now(UTC)
        claims = {
            "iss": self._connection.integration_key,
            "sub": self._connection.user_id,
            "aud": urlsplit(self._connection.login_url).netloc,
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LASTS).timestamp()),
            "scope": SCOPE,
        }
        key = self._connection.private_key.get_secret_value()
        return {"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, key, algorithm="RS256")}
