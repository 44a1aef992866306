"""Reads outbound messages, and acknowledges them once all that they told is kept."""

from __future__ import annotations

from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.salesforce.inbox import Inbox, Noticed
from integrations.salesforce.org import Org
from integrations.salesforce.outbound_message import (
    ACKNOWLEDGED,
    CONTENT_TYPE,
    NoOutboundMessage,
    OutboundMessage,
    read_outbound_message,
)
from integrations.salesforce.records import UnreadableRecord
from integrations.salesforce.settings import SOURCE
from store import intake, mirror
from store.database import Store
from store.intake import Event


class OutboundMessageHandler:
    """Reads the outbound messages of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """Keep what a message tells. It is kept here already, so that the mirror is written after it.

        Raises:
            Unreadable: it is no outbound message, or one of another org. It is not acknowledged.
            StoreAway: it is not all kept; Salesforce sends it again.
        """
        message, inbox = self._read(request.body), Inbox(self._org, source)
        kept: list[Event] = []
        try:
            for notification in message.notifications:
                noticed = Noticed()
                await inbox.look(notification.sobject, [notification.fields], noticed)
                await intake.add(store, noticed.events)
                kept += noticed.events
                for seen in noticed.seen:
                    await mirror.note(store, SOURCE, seen.object_id, seen.values, seen.at)
        except UnreadableRecord as error:
            raise Unreadable(str(error)) from None
        return InboundResult(kept=tuple(kept), answer=Reply(200, CONTENT_TYPE, ACKNOWLEDGED))

    def _read(self, body: bytes) -> OutboundMessage:
        try:
            message = read_outbound_message(body)
        except NoOutboundMessage as error:
            raise Unreadable(str(error)) from None
        if message.organization[:15] != self._org.connection.organization[:15]:
            raise Unreadable("the message comes from another org than the one that is connected")
        return message
