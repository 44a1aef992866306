"""What PandaDoc's webhooks bring: put into one form before the mapping reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from integrations.kit.documents import without_echoes
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.events import events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.pandadoc.changes import changes_in
from integrations.pandadoc.settings import SOURCE
from store.database import Store


class PandaDocWebhooks:
    """Reads webhooks. Nothing is looked up: an event has its document with it."""

    def __init__(self, _: Connected | None) -> None:
        pass

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What a request brings: a list of events.

        Raises:
            Unreadable: it is none of PandaDoc's.
            StoreAway: the database does not answer.
        """
        now = datetime.now(UTC)
        changes = await without_echoes(store, SOURCE, changes_in(request.body, now))
        if not changes:
            return InboundResult()
        return InboundResult(tuple(events_in(source, replace(request, body=json.dumps(changes).encode()), now)))
