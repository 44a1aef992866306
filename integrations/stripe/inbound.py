"""What Stripe's webhooks bring: put into one form before the mapping reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from pydantic_core import from_json

from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.stripe.changes import changes_of
from store.database import Store


class StripeWebhooks:
    """Reads webhooks. Nothing is looked up: an event has its object with it."""

    def __init__(self, _: Connected | None) -> None:
        pass

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:  # noqa: ARG002
        """What a request brings: one event, which may be several changes.

        Raises:
            Unreadable: it is no event of Stripe's.
        """
        try:
            document = from_json(request.body)
        except ValueError:
            raise Unreadable("the body is no JSON") from None
        if not isinstance(document, dict):
            raise Unreadable("the body is no event")
        read = replace(request, body=json.dumps(changes_of(document)).encode())
        return InboundResult(tuple(events_in(source, read, datetime.now(UTC))))
