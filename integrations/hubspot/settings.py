"""What an installation says of its HubSpot account: the block ``hubspot`` of the connections file."""

from __future__ import annotations

from pydantic import Field

from integrations.kit.connection import BaseUrl, Connection, Secret


class HubSpotConnection(Connection):
    """One HubSpot account."""

    token: Secret
    """A service key with the scopes that ``docs/integrations/hubspot.md`` lists."""
    base_url: BaseUrl = "https://api.hubapi.com"
    app_id: int | None = Field(default=None, ge=1)
    """The project app that Dealwright writes as: what comes back with this ``sourceId`` is an echo."""
    client_id: str | None = None
    client_secret: Secret | None = None
    """Of the project app. Both together open the webhooks journal, from which missed events are read."""
    pipeline: str = "default"
    """The id of the pipeline that holds the deals."""
