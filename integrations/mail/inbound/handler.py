"""What makes a provider's reader a handler of webhooks: read the request, then match what it tells to deals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.mail.inbound.deal_events import deal_events
from integrations.mail.inbound.mail_events import MailEvent
from store.database import Store

ReadMail: TypeAlias = Callable[[WebhookRequest, datetime], Sequence[MailEvent]]
"""Reads a proven request; the time is that of receipt.

Raises:
    Unreadable: it is not what the provider sends.
"""


@dataclass(frozen=True, kw_only=True)
class MailHandler:
    """Takes in a provider's requests."""

    read: ReadMail
    once_by: Callable[[WebhookRequest], str] | None = None
    """What a request may bear once only, where its proof does not cover its content: the id of its event."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What the request tells deals.

        Raises:
            Unreadable: it is not what the provider sends.
            StoreAway: the provider tries again.
        """
        now = self.clock()
        told = await asyncio.to_thread(self.read, request, now)  # a large message takes the better part of a second
        events = await deal_events(store, source.name, told, now)
        if self.once_by is not None:
            id_ = self.once_by(request)
            events = [event.model_copy(update={"event_id": id_}) for event in events[:1]]
        return InboundResult(tuple(events))
