"""What an installation says of its Calendly account: the block ``calendly`` of the connections file."""

from __future__ import annotations

from typing import Literal

from typing_extensions import override

from integrations.kit.connection import BaseUrl, Connection, PageUrl, Secret, WebhookUrl, with_query

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

    scheduling_page: PageUrl | None = None
    """Where buyers book a meeting: an event type's page. ``scheduling_link`` in messages leads there."""

    @override
    def scheduling_link(self, deal_id: str) -> str | None:
        if self.scheduling_page is None:
            return None
        source = self.settings.get("utm_source", "dealwright")
        return with_query(self.scheduling_page, utm_source=source, utm_content=deal_id)

    @property
    @override
    def tables(self) -> dict[str, dict[str, str]]:
        return {**super().tables, "event_types": dict[str, str](self.event_types)}
