"""What an installation says of its Salesloft team: the block ``salesloft`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl

SOURCE = "salesloft"
"""Under which links, mirrored values and events of Salesloft are kept."""


class SalesloftConnection(Connection):
    """One Salesloft team, which lets us in with an API key, or with an OAuth application.

    ``webhook_secrets`` are the callback tokens of its webhook subscriptions; the first one is given to new ones.
    """

    api_key: Secret | None = None
    """An API key (``ak…``) of the user that Dealwright works as."""
    client_id: str | None = None
    """An OAuth application's, in the place of ``api_key``."""
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    """What the user who let the application in got for it. Each renewal spends it, and the next one is kept in the
    store. Without it, the application is let in by itself (client credentials)."""
    base_url: BaseUrl = "https://api.salesloft.com"
    token_url: BaseUrl = "https://accounts.salesloft.com/oauth/token"  # noqa: S105 - an address
    webhook_url: WebhookUrl | None = None
    """Where Salesloft sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/salesloft``. With it they are
    subscribed to, and switched on again when they are off."""
    points_per_minute: Annotated[int, Field(ge=10)] = 600
    """What the calls of the whole team may cost in a minute, all its integrations together."""
    dispositions: dict[str, str] = {}
    """What the team calls the outcomes of calls (``Spoke``), and ``connected``, ``voicemail``, ``no_answer`` or
    ``ignore``."""

    @model_validator(mode="after")
    def _lets_us_in_one_way(self) -> Self:
        app = (self.client_id, self.client_secret)
        by_key = self.api_key is not None and not any((*app, self.refresh_token))
        if not by_key and not (self.api_key is None and all(app)):
            problem = "it does not say how to be let in"
            raise BadValue(problem, "write api_key:, or client_id: and client_secret:, with refresh_token: or without")
        return self

    @model_validator(mode="after")
    def _can_subscribe(self) -> Self:
        if self.webhook_url is not None and not self.webhook_secrets:
            raise BadValue("webhooks have to be proven", "write webhook_secrets: with a long random text of your own")
        return self

    @model_validator(mode="after")
    def _knows_outcomes_of_calls(self) -> Self:
        for theirs, ours in self.dispositions.items():
            if ours not in {"connected", "voicemail", "no_answer", "ignore"}:
                raise BadValue(
                    f"{ours!r} is no outcome of a call ({theirs})", "write connected, voicemail, no_answer or ignore"
                )
        return self

    @property
    def credential(self) -> str:
        """The secret by which Salesloft knows who calls."""
        given = self.api_key or self.client_secret
        return given.get_secret_value() if given else ""
