"""DocuSign Connect: the configuration that tells us of envelopes, and the queue of what it could not tell.

``ConnectCustomConfiguration`` of docusign-esign-node-client 1c373fb. With ``requiresAcknowledgement``, one answer that
is not 2xx marks the configuration as down: it is tried once a day, and all that happens meanwhile is only queued. After
one success the queue is sent, in order (docusign/OpenAPI-Specifications 3c20b6c, text of the field).
"""

from __future__ import annotations

from pydantic import Field, JsonValue

from integrations.docusign.envelopes import Shown

EVENTS = (
    "envelope-sent", "envelope-corrected",
    "envelope-completed", "envelope-declined", "envelope-voided", "recipient-delivered",
    "recipient-completed", "recipient-reassign", "recipient-delegate",
)  # fmt: skip
"""What we are told of."""
INCLUDED = ("custom_fields", "recipients", "tabs")
"""What each event has with it."""


class EventData(Shown):
    """In which form events are told."""

    format: str = ""
    version: str = ""
    include_data: tuple[str, ...] = ()


class Configuration(Shown):
    """Where events go."""

    connect_id: str
    url_to_publish_to: str = ""
    allow_envelope_publish: bool = False
    requires_acknowledgement: bool = False
    has_signature: bool = Field(default=False, alias="includeHMAC")
    delivery_mode: str = ""
    events: tuple[str, ...] = ()
    event_data: EventData = EventData()

    @property
    def lacks(self) -> list[str]:
        """What keeps it from telling us all that we need, in words."""
        wrong = {
            "it is off": not self.allow_envelope_publish,
            "events": not set(EVENTS) <= set(self.events),
            "the mode SIM": self.delivery_mode.upper() != "SIM",
            "JSON": self.event_data.format.lower() != "json",
            "the data custom_fields, recipients and tabs": not set(INCLUDED) <= set(self.event_data.include_data),
            "the acknowledgement": not self.requires_acknowledgement,
            "the HMAC signature": not self.has_signature,
        }
        return [what for what, is_so in wrong.items() if is_so]

    def mended(self) -> dict[str, JsonValue]:
        """It as it should be, telling what it tells besides."""
        events = [*dict.fromkeys([*self.events, *EVENTS])]
        included = [*dict.fromkeys([*self.event_data.include_data, *INCLUDED])]
        return {**configuration_for(self.url_to_publish_to, events, included), "connectId": self.connect_id}


class Configurations(Shown):
    """All configurations of an account."""

    configurations: tuple[Configuration, ...] = ()


class Failure(Shown):
    """An event that Connect could not tell, or has not tried to tell while the configuration is down."""

    failure_id: str = ""
    envelope_id: str = ""
    config_url: str = ""
    error: str = ""
    last_try: str | None = None


class Failures(Shown):
    """The log of failures."""

    failures: tuple[Failure, ...] = ()


def configuration_for(
    url: str, events: list[str] | None = None, included: list[str] | None = None
) -> dict[str, JsonValue]:
    """A configuration that tells an address of all that we need."""
    return {
        "configurationType": "custom", "name": "Dealwright", "urlToPublishTo": url, "allUsers": "true",
        "allowEnvelopePublish": "true", "enableLog": "true", "requiresAcknowledgement": "true", "includeHMAC": "true",
        "deliveryMode": "SIM", "events": [*(events or EVENTS)],
        "eventData": {"version": "restv2.1", "format": "json", "includeData": [*(included or INCLUDED)]},
    }  # fmt: skip
