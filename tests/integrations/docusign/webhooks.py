"""Webhooks of DocuSign Connect, as the gateway reads them."""

from __future__ import annotations

from integrations.docusign.inbound import DocuSignWebhooks
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.registry import shipped_mappings
from store.database import Store
from store.intake import Event

MAPPING = shipped_mappings()["docusign"]


def request(body: bytes, headers: dict[str, str] | None = None) -> WebhookRequest:
    return WebhookRequest("POST", "https://deals.example/webhooks/docusign", headers or {}, body)


async def read(store: Store, *bodies: bytes) -> list[Event]:
    found: list[Event] = []
    for body in bodies:
        found += (await DocuSignWebhooks(None)(request(body), Source(MAPPING), store)).events
    return found
