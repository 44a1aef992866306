"""What an installation says of its Calendly account: the block ``calendly`` of the connections file."""

from __future__ import annotations

from typing import Literal

from typing_extensions import override

from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl

SOURCE = "calendly"
"""Under which links, mirrored values and events of Calendly are kept."""


class CalendlyConnection(Connection):
    """One Calendly organization."""

    token: Secret
    """A personal access token of an owner or admin of the organization."""
    base_url: BaseUrl = "https://api.calendly.com"
    webhook_url: WebhookUrl | None = None
    """Where Calendly sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/calendly``. With it the subscription is
    looked at, and set up again when it is off."""
    event_types: dict[str, Literal["meeting", "demo", "ignore"]] = {}
    """What a booking of each event type is, by the event type's address."""

    @property
    @override
    def tables(self) -> dict[str, dict[str, str]]:
        return {**super().tables, "event_types": dict[str, str](self.event_types)}
