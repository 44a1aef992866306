"""What Pipedrive's webhooks bring: put into one form, and compared with what is known, before the mapping reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import ValidationError

from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.pipedrive.changes import JsonObject, WebhookBody, of_webhook
from integrations.pipedrive.echoes import compared
from integrations.pipedrive.settings import SOURCE, PipedriveConnection
from store import intake, mirror
from store.database import Store


class PipedriveWebhooks:
    """Reads webhooks. Without a connection nothing can be looked up: then an event means what it says itself."""

    def __init__(self, connected: Connected | None) -> None:
        self._connection = connected.block(PipedriveConnection) if connected else None

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """Keep what a webhook tells. It is kept here already, so that the mirror is written after it.

        Raises:
            Unreadable: it is no webhook of version 2.
            StoreAway: it is not kept; Pipedrive sends it again.
        """
        told = await compared(store, _changes_in(request, self._connection))
        changes = [one if self._connection else one | {"fetch": None} for one in told.changes]
        read = replace(request, body=json.dumps(changes).encode())
        events = tuple(events_in(source, read, datetime.now(UTC)))
        await intake.add(store, events)
        for seen in told.seen:
            await mirror.note(store, SOURCE, seen.object_id, seen.values, seen.at)
        return InboundResult(events)


def _changes_in(request: WebhookRequest, connection: PipedriveConnection | None) -> list[JsonObject]:
    try:
        return list(of_webhook(WebhookBody.model_validate_json(request.body), connection))
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "its body"
        raise Unreadable(f"it is no webhook of version 2.0 ({where}): make the webhook anew in version 2.0") from None
