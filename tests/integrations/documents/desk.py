"""A deal's desk in a tool for documents: what it sends and takes back there, and what it hears of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.exceptions import ApplicationError

from dealwright.effects import Outcome, SendDocument, WithdrawDocument
from integrations.kit.delivery import Delivery
from integrations.kit.documents import key_of
from integrations.kit.inbound import Fetcher, InboundHandler
from integrations.kit.mapping.events import events_after_fetch, events_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.ports import Documents, PollingSource
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from local.webhook_receiver import WebhookReceiver
from store import mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.activities.conftest import Worker
from tests.integrations.documents.tools import DocumentTool, Shown, made_for

MANY = 12
LATER = timedelta(minutes=2)
Effect = SendDocument | WithdrawDocument


def prepared(documents: Documents, effect: Effect) -> Callable[[], Awaitable[Delivery]]:
    """What makes an effect ready to be handed over."""
    if isinstance(effect, SendDocument):
        return lambda: documents.send("acme-1", effect)
    return lambda: documents.withdraw("acme-1", effect)


async def until_settled(worker: Worker, documents: Documents, effect: Effect) -> Outcome:
    """Attempts as Temporal makes them, until one tells what became of the effect."""
    for number in range(MANY):
        try:
            return await worker.attempt(effect, prepare=prepared(documents, effect), later=LATER * number)
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


@dataclass
class Desk:
    """One installation's, in one account of a tool."""

    tool: DocumentTool
    running: RunningSimulator
    door: WebhookReceiver
    store: Store
    worker: Worker
    documents: Documents
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
        return Source(shipped_mappings()[self.tool.name])

    async def settle(self, effect: Effect) -> Outcome:
        """What became of an effect."""
        return await until_settled(self.worker, self.documents, effect)

    async def sent(self, effect: SendDocument) -> str:
        """A document that the buyer has."""
        return str((await self.settle(effect)).reference)

    async def made(self, effect: SendDocument) -> list[Shown]:
        """What stands in the tool of an effect."""
        return made_for(self.tool, await self.running.state(), key_of(effect.id))

    async def do(self, document: str, *actions: str) -> None:
        """What people do with a document, one thing after the other: ``view``, ``sign``, ``void`` and so on."""
        own = {"sign": self.tool.signs, "void": self.tool.voids}
        for action in actions:
            await self.running.change(**{"do": own.get(action, action), self.tool.called: document})

    async def hear(self) -> None:
        """Take in the webhooks that came since the last time."""
        await self.running.deliver()
        new = self.door.requests[self.read_webhooks :]
        self.read_webhooks = len(self.door.requests)
        for _, body in new:
            await self._keep(await self.take(body))

    async def take(self, body: bytes) -> list[Event]:
        """What a webhook brings, as the gateway reads it."""
        request = WebhookRequest("POST", f"https://deals.example/webhooks/{self.tool.name}", {}, body)
        if self.handler is not None:
            return [*(await self.handler(request, self.source, self.store)).events]
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
                await mirror.note(self.store, self.tool.name, one.object_id, one.values, one.at)
            self.cursor, more = page.cursor, page.more

    async def brought(self, document: str) -> list[Event]:
        """What webhooks and readings have brought of a document by now, also what is passed over."""
        await self.hear()
        return [one for one in self.kept.values() if document in one.event_id]

    def told(self, document: str) -> list[Event]:
        """What the deal is told of a document, by when it happened."""
        waiting = [one for one in self.kept.values() if one.state is IntakeState.WAITING]
        return sorted((one for one in waiting if document in one.event_id), key=lambda one: str(one.payload["at"]))

    def facts(self, document: str) -> list[str]:
        """The names of these facts."""
        return [str(one.fact) for one in self.told(document)]

    async def _keep(self, events: list[Event]) -> None:
        for one in events:
            self.kept.setdefault(one.event_id, one)
