"""What an installation says of its Calendly account: the block ``calendly`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator
from typing_extensions import override

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import BaseUrl, Connection, Secret

SOURCE = "calendly"
"""Under which links, mirrored values and events of Calendly are kept."""


def _https(url: str) -> str:
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise BadValue("Calendly calls addresses over TLS alone", "write https://…/webhooks/calendly")
    return url


class CalendlyConnection(Connection):
    """One Calendly organization."""

    token: Secret
    """A personal access token of an owner or admin of the organization."""
    base_url: BaseUrl = "https://api.calendly.com"
    webhook_url: Annotated[str, AfterValidator(_https)] | None = None
    """Where Calendly sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/calendly``. With it the subscription is
    looked at, and set up again when it is off."""
    event_types: dict[str, Literal["meeting", "demo", "ignore"]] = {}
    """What a booking of each event type is, by the event type's address."""

    @property
    @override
    def tables(self) -> dict[str, dict[str, str]]:
        return {**super().tables, "event_types": dict[str, str](self.event_types)}
