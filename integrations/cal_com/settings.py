"""What an installation says of its Cal.com account: the block ``cal_com`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator
from typing_extensions import override

from integrations.kit.connection import BaseUrl, Connection, PageUrl, Secret, WebhookUrl, with_query

SOURCE = "cal_com"
"""Under which links, mirrored values and events of Cal.com are kept."""
DEAL_KEY = "dealwright_deal"
"""Under which a booking's metadata has the deal's id."""
EventTypeId = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
"""A number, as the address of an event type's page ends with it."""


class CalComConnection(Connection):
    """One Cal.com user, at cal.com or on a server of one's own."""

    token: Secret
    """An API key of that user."""
    base_url: BaseUrl = "https://api.cal.com"
    webhook_url: WebhookUrl | None = None
    """Where Cal.com sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/cal_com``. With it the webhook is looked
    at, and set up again when it is off."""
    event_types: dict[EventTypeId, Literal["meeting", "demo", "ignore"]] = {}
    """What a booking of each event type is, by the event type's number."""

    scheduling_page: PageUrl | None = None
    """Where buyers book a meeting: an event type's page. ``scheduling_link`` in messages leads there."""

    @override
    def scheduling_link(self, deal_id: str) -> str | None:
        if self.scheduling_page is None:
            return None
        return with_query(self.scheduling_page, **{f"metadata[{DEAL_KEY}]": deal_id})

    @property
    @override
    def tables(self) -> dict[str, dict[str, str]]:
        return {**super().tables, "event_types": dict[str, str](self.event_types)}
