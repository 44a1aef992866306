"""OAuth 2 token endpoints (RFC 6749): what is sent there, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from integrations.kit.answers import Operation
from integrations.kit.credentials import Anonymous
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Unlimited
from integrations.kit.tokens import NewToken

_ASK = Operation(name="ask for an access token", method="POST")
_SECRET = {"client_secret", "refresh_token", "assertion", "password", "code"}
Form: TypeAlias = Callable[[str | None], Mapping[str, str]]
"""The fields to send, given the refresh token, if there is one."""


class _TokenAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    expires_in: float | None = Field(default=None, ge=0)
    instance_url: str | None = None
    """Salesforce's name for where the API is."""
    api_domain: str | None = None
    """Pipedrive's."""


class OAuthGrant:
    """Asks a token endpoint. ``basic`` is the client's id and secret, where they go into a header."""

    def __init__(
        self,
        tool: str,
        endpoint: str,
        form: Form,
        *,
        spends: bool,
        basic: str | None = None,
        lasts: timedelta | None = None,
    ) -> None:
        """Give ``lasts`` where the answer does not say how long a token is good (Salesforce)."""
        base_url, _, path = endpoint.partition("://")
        host, _, path = path.partition("/")
        self.spends, self._form, self._lasts, self._path = spends, form, lasts, f"/{path}"
        self._headers = {"Authorization": f"Basic {basic}"} if basic else {}
        self._client = ToolClient(tool, f"{base_url}://{host}", Anonymous(), Unlimited())

    async def __call__(self, refresh: str | None) -> NewToken:
        """Ask for a token.

        Raises:
            NotHandedOver: the tool did not hear of it, or took nothing.
            Refused: the tool gives none.
            Unanswered: it may have spent the refresh token.
        """
        form = self._form(refresh)
        payload = Payload(form=form, headers=self._headers, secrets=tuple(form[each] for each in _SECRET & form.keys()))
        answer = await self._client.call(_ASK, self._path, payload)
        given = answer.read_as(_TokenAnswer)
        lasts = self._lasts if given.expires_in is None else timedelta(seconds=given.expires_in)
        return NewToken(
            access=given.access_token, refresh=given.refresh_token, lasts=lasts,
            base_url=given.instance_url or given.api_domain,
        )  # fmt: skip


def refresh_form(client_id: str, client_secret: str | None = None) -> Form:
    """The fields of a refresh."""

    def form(refresh: str | None) -> dict[str, str]:
        secret = {"client_secret": client_secret} if client_secret else {}
        return {"grant_type": "refresh_token", "client_id": client_id, **secret, "refresh_token": refresh or ""}

    return form


def client_credentials_form(client_id: str, client_secret: str, scope: str = "") -> Form:
    """The fields where the client itself is let in, without a user."""

    def form(_refresh: str | None) -> dict[str, str]:
        wanted = {"scope": scope} if scope else {}
        return {
            "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret, **wanted,
        }  # fmt: skip

    return form
