"""A DocuSign account of the tests: envelopes that have gone out, and what Connect brings of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from dealwright.effects import Outcome, SendDocument, WithdrawDocument
from integrations.docusign.documents import DocuSignDocuments
from integrations.docusign.inbound import DocuSignWebhooks
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from store.database import Store
from store.intake import Event
from tests.activities.conftest import Worker
from tests.simulators.webhook_receiver import WebhookReceiver

MAPPING = shipped_mappings()["docusign"]
MANY = 12
LATER = timedelta(minutes=2)


async def until_settled(
    worker: Worker, documents: DocuSignDocuments, effect: SendDocument | WithdrawDocument
) -> Outcome:
    """Attempts as Temporal makes them, until one tells what became of the effect."""
    for number in range(MANY):
        try:
            if isinstance(effect, SendDocument):
                return await worker.attempt(
                    effect, prepare=lambda: documents.send("acme-1", effect), later=LATER * number
                )
            return await worker.attempt(
                effect, prepare=lambda: documents.withdraw("acme-1", effect), later=LATER * number
            )
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


def request(body: bytes, headers: dict[str, str] | None = None) -> WebhookRequest:
    return WebhookRequest("POST", "https://deals.example/webhooks/docusign", headers or {}, body)


async def read(store: Store, *bodies: bytes) -> list[Event]:
    found: list[Event] = []
    for body in bodies:
        found += (await DocuSignWebhooks(None)(request(body), Source(MAPPING), store)).events
    return found


@dataclass
class Account:
    """An account, and what Connect brings of one envelope."""

    running: RunningSimulator
    door: WebhookReceiver
    store: Store
    documents: DocuSignDocuments
    worker: Worker

    async def sent(self, effect: SendDocument) -> str:
        """An envelope that has gone out."""
        return str((await until_settled(self.worker, self.documents, effect)).reference)

    async def brought(self, envelope: str) -> list[Event]:
        """What Connect has brought of an envelope by now."""
        await self.running.deliver()
        return await read(self.store, *(body for _, body in self.door.requests if envelope.encode() in body))
