"""What an installation says of its Cal.com account: the block ``cal_com`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator
from typing_extensions import override

from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl

SOURCE = "cal_com"
"""Under which links, mirrored values and events of Cal.com are kept."""
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

    @property
    @override
    def tables(self) -> dict[str, dict[str, str]]:
        return {**super().tables, "event_types": dict[str, str](self.event_types)}
