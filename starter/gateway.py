"""The gateway on this machine (placeholder until gateway.api lands)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runtime.settings import Settings
from starter.client import DealClient
from store.database import Store


@asynccontextmanager
async def serve_gateway(settings: Settings, deals: DealClient, store: Store) -> AsyncIterator[str]:
    del deals, store
    yield f"http://127.0.0.1:{settings.gateway_port}"
