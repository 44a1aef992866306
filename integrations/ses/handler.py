"""Takes in what SES tells, and gets the mail that it only points at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.kit.errors import Refused
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.mail.inbound.deal_events import deal_events
from integrations.mail.inbound.incoming import read_mail
from integrations.mail.inbound.mail_events import Ignored, MailEvent
from integrations.ses.bucket import Bucket
from integrations.ses.webhooks import NO_BUCKET, InBucket, read
from store.database import Store


@dataclass(frozen=True, kw_only=True)
class SesHandler:
    """Takes in the messages of one connection; without ``bucket`` only those that bring the mail along."""

    bucket: Bucket | None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What the request tells deals.

        Raises:
            Unreadable: it is not what SES and SNS send.
            NotHandedOver: S3 cannot be asked now; SNS tries again.
            StoreAway: SNS tries again.
        """
        now = self.clock()
        told = await asyncio.to_thread(read, request, now)
        events = [await self._got(one, now) if isinstance(one, InBucket) else one for one in told]
        return InboundResult(tuple(await deal_events(store, source.name, events, now)))

    async def _got(self, there: InBucket, now: datetime) -> MailEvent:
        if self.bucket is None:
            return Ignored(event_id=there.event_id, why=NO_BUCKET, shown={"from": there.sender}, amiss=True)
        try:
            raw = await self.bucket.get(there.bucket, there.key)
        except Refused as refused:
            return Ignored(event_id=there.event_id, why=refused.reason[:400], shown={"from": there.sender}, amiss=True)
        sender, recipients = there.sender, there.recipients
        return await asyncio.to_thread(read_mail, raw, now, envelope_sender=sender, envelope_recipients=recipients)
