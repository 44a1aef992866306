"""What HubSpot's webhooks bring: put into one form, our own writes known as such, before the mapping reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import JsonValue
from pydantic_core import from_json

from integrations.hubspot.changes import of_webhook, with_own_fields
from integrations.hubspot.echoes import marked
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from store.database import Store


class HubSpotWebhooks:
    """Reads webhooks. Without a connection nothing can be looked up: then an event means what it says itself."""

    def __init__(self, connected: Connected | None) -> None:
        self._connection = connected.block(HubSpotConnection) if connected else None

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What a request brings.

        Raises:
            Unreadable: it is no list of events.
            StoreAway: the database does not answer.
        """
        changes = await marked(store, [change for event in _events_of(request) for change in of_webhook(event)])
        if (here := self._connection) is not None:
            currency = here.settings.get("currency", "")
            changes = [with_own_fields(one, here.fields, currency) for one in changes]
        else:
            changes = [{name: value for name, value in one.items() if name != "fetch"} for one in changes]
        read = replace(request, body=json.dumps(changes).encode())
        return InboundResult(tuple(events_in(source, read, datetime.now(UTC))))


def _events_of(request: WebhookRequest) -> list[JsonValue]:
    try:
        document = from_json(request.body)
    except ValueError:
        raise Unreadable("the body is no JSON") from None
    if not isinstance(document, list) or not all(isinstance(event, dict) for event in document):
        raise Unreadable("the body is no list of events")
    return document
