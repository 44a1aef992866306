from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import httpx2
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.development_secrets import DEVELOPMENT_KEY
from gateway.http_server import running_server
from gateway.options import GatewayOptions
from gateway.webhooks.dispatch import DispatchLimits
from integrations.kit.trusted_authorities import trusted_authorities
from store.database import Store
from tests.gateway.signed_requests import HUBSPOT_SECRET, STANDARD_SECRET
from tests.store.databases import database_url, migrated_postgres, migrated_sqlite, postgres, store

__all__ = ["database_url", "migrated_postgres", "migrated_sqlite", "postgres", "store"]

KEY = DEVELOPMENT_KEY
"""Opens everything here, and speaks for whoever is named: only this machine reaches the gateway of a test."""
PUBLIC_URL = "https://deals.example.com"
QUICK = DispatchLimits(
    poll_interval=timedelta(seconds=0.05),
    first_retry=timedelta(seconds=0.05),
    longest_retry=timedelta(seconds=0.5),
    unmatched_retry=timedelta(seconds=0.2),
)
OPTIONS = GatewayOptions(
    api_keys=(KEY,),
    public_url=PUBLIC_URL,
    webhook_secrets={"hubspot": (HUBSPOT_SECRET,), "standard": (STANDARD_SECRET,)},
    dispatch=QUICK,
    failed_attempts=0,
)


Api = httpx2.AsyncClient


class StartGateway(Protocol):
    """Serve the gateway with changed options; gives a client to it, with a key."""

    def __call__(self, deals: DealClient, **changes: object) -> Awaitable[Api]: ...


@pytest.fixture
def database() -> str:
    """SQLite, where a module does not say otherwise."""
    return "sqlite"


@pytest.fixture(scope="session")
async def away() -> DealClient:
    """Deals that cannot be reached."""
    return DealClient(await Client.connect("127.0.0.1:1", lazy=True), timedelta(seconds=0.2))


@pytest.fixture
def deals(temporal: Client) -> DealClient:
    return DealClient(temporal, timedelta(seconds=20))


@pytest.fixture
async def start_gateway(store: Store) -> AsyncIterator[StartGateway]:
    async with AsyncExitStack() as stack:

        async def start(deals: DealClient, **changes: object) -> Api:
            options = replace(OPTIONS, **changes)  # type: ignore[arg-type] # any of its fields
            return await stack.enter_async_context(served(create_app(options, deals, store)))

        yield start


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[Api]:
    """The app on a port of loopback, and a client with a key."""
    async with (
        running_server(app, "127.0.0.1", 0) as address,
        httpx2.AsyncClient(
            base_url=address, headers={"X-API-Key": KEY}, timeout=120, verify=trusted_authorities()
        ) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def api(away: DealClient, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The gateway, with Temporal away; one for the tests of a module that do not look at its store."""
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("api") / "deals.db")
    store = Store.open(f"sqlite:///{path}")
    async with served(create_app(OPTIONS, away, store)) as client:
        yield client
    await store.close()
