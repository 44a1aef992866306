"""What Twilio's webhooks bring: put into one form, and matched, before the mapping reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from integrations.kit.forms import NoForm, form_of
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.twilio.matching import as_it_counts
from integrations.twilio.reading import of_webhook
from store import intake
from store.database import Store


class TwilioWebhooks:
    """Reads webhooks."""

    def __init__(self, _: Connected | None) -> None:
        pass

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What a request brings.

        Raises:
            Unreadable: it is no form.
            StoreAway: Twilio tries again, or it is read later.
        """
        try:
            fields = form_of(request.body, request.headers.get("content-type", "")).fields
        except NoForm as error:
            raise Unreadable(str(error)) from None
        now = datetime.now(UTC)
        events = await as_it_counts(store, [of_webhook(fields, request.query)], now)
        found = events_from(source, events, now)
        # What was read from the list before is the same: only its time is told better there.
        there = await intake.known_ids(store, source.name, [event.event_id for event in found])
        return InboundResult(tuple(event for event in found if event.event_id not in there))
