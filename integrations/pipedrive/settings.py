"""What an installation says of its Pipedrive company: the block ``pipedrive`` of the connections file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from integrations.kit.connection import BaseUrl, Connection, Secret

SOURCE = "pipedrive"
"""Under which links, mirrored values and events of Pipedrive are kept."""
KEY_NAME = "Dealwright key"
"""The custom field of deals and persons that we create: by it what we made is found. Pipedrive keeps it not unique."""
WON, LOST = "won", "lost"
"""In the place of a stage's id: Pipedrive has the ends of a deal as its status, not as stages."""


class PipedriveConnection(Connection):
    """One Pipedrive company."""

    token: Secret
    """The API token of the user that Dealwright works as: Settings, Personal preferences, API."""
    base_url: BaseUrl
    """The company's own address: ``https://acme.pipedrive.com``."""
    webhook_url: str = ""
    """Where Pipedrive is to send webhooks: the gateway's public address with ``/webhooks/pipedrive``. With it they are
    subscribed to, and again where Pipedrive has deleted them."""
    daily_tokens: Annotated[int, Field(ge=1000)] = 30_000
    """What the company's calls may cost in a day, all its integrations together: 30,000 for each seat, times the
    plan's factor."""
    burst_calls: Annotated[int, Field(ge=5)] = 20
    """How many calls the user's token takes in two seconds: 20 on the smallest plan."""
    poll_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How often it is read: each time costs about 60 tokens, the look at its webhooks included."""
