"""What one tool brings to deals, by webhooks and by readings, as gateway and worker take it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations.kit.inbound import Fetcher, InboundHandler
from integrations.kit.mapping.events import events_after_fetch, events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.ports import PollingSource
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from local.webhook_receiver import WebhookReceiver
from store import intake, mirror
from store.database import Store
from store.intake import Event


@dataclass(kw_only=True)
class Told:
    """What a simulator's account brings to one installation."""

    name: str
    """The tool's."""
    running: RunningSimulator
    door: WebhookReceiver
    store: Store
    polling: PollingSource
    handler: InboundHandler | None
    fetcher: Fetcher | None
    cursor: str | None = None
    kept: dict[str, Event] = field(default_factory=dict)
    """What came, each under its id once, as the intake keeps it."""
    read_webhooks: int = 0

    @property
    def source(self) -> Source:
        """How its webhooks are read."""
        return Source(shipped_mappings()[self.name])

    async def hear(self) -> None:
        """Take in the webhooks that came since the last time."""
        await self.running.deliver()
        new = self.door.requests[self.read_webhooks :]
        self.read_webhooks = len(self.door.requests)
        for headers, body in new:
            await self._keep(await self.take(body, headers))

    async def take(self, body: bytes, headers: dict[str, str] | None = None) -> list[Event]:
        """What a webhook brings, as the gateway reads it."""
        request = WebhookRequest("POST", f"https://deals.example/webhooks/{self.name}", headers or {}, body)
        if self.handler is not None:
            result = await self.handler(request, self.source, self.store)
            return [*result.events, *result.kept]
        found: list[Event] = []
        for event in events_in(self.source, request, datetime.now(UTC)):
            if self.fetcher is None:
                found.append(event)
            elif (fetched := await self.fetcher.fetch(event.payload.get("what"))) is not None:
                found += events_after_fetch(self.source, event, fetched)
        return found

    async def look(self) -> None:
        """Read beside the webhooks once; the first time, where the reading begins is noted."""
        more = True
        while more:
            page = await self.polling.poll(self.cursor)
            await self._keep([*page.events])
            for one in page.seen:
                await mirror.note(self.store, self.name, one.object_id, one.values, one.at)
            self.cursor, more = page.cursor, page.more

    async def _keep(self, events: list[Event]) -> None:
        await intake.add(self.store, events)
        for one in events:
            self.kept.setdefault(one.event_id, one)
