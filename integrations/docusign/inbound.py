"""What DocuSign Connect brings: put into one form before the mapping reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from integrations.docusign.changes import change_in
from integrations.docusign.settings import BUYER, SOURCE, DocuSignConnection
from integrations.kit.documents import without_echoes
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.events import events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from store.database import Store


class DocuSignWebhooks:
    """Reads events. Nothing is looked up: an event has its envelope with it."""

    def __init__(self, connected: Connected | None) -> None:
        self._buyer = BUYER if connected is None else connected.block(DocuSignConnection).recipient_role

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What a request brings: one event, or nothing where somebody of our own side signed.

        Raises:
            Unreadable: it is none of DocuSign's.
            StoreAway: the database does not answer.
        """
        now = datetime.now(UTC)
        change = change_in(request.body, now, self._buyer)
        if change is None:
            return InboundResult()
        told = await without_echoes(store, SOURCE, [change])
        return InboundResult(tuple(events_in(source, replace(request, body=json.dumps(told).encode()), now)))
