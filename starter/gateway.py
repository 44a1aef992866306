"""The gateway composed: settings to options to a served app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.api import create_app
from gateway.options import Options
from gateway.server import serve, serving
from playbooks import shipped
from runtime.belonging import require_together
from runtime.connection import connect
from runtime.settings import Settings
from starter.client import DealClient
from store import bundles
from store.database import Store
from store.installation import InstallationRecord


@asynccontextmanager
async def serve_gateway(settings: Settings, deals: DealClient, store: Store) -> AsyncIterator[str]:
    """Serve the gateway while the block runs; gives its address."""
    app = create_app(options_of(settings), deals, store)
    async with serving(app, settings.gateway_host, settings.gateway_port) as url:
        yield url


async def run_gateway(settings: Settings, stop: asyncio.Event) -> None:
    """Connect, and serve the gateway until ``stop``.

    Raises:
        NotTogether: the store is not that of the namespace.
        NotReady, StoreError: what is missing, and what to do.
    """
    store = Store.open(settings.database_url)
    try:
        await store.check_migrated()
        client = await connect()
        app = create_app(options_of(settings), DealClient(client), store)
        await require_together(client, InstallationRecord(store))
        await bundles.publish_new(store, shipped())  # deals may be opened before the first worker starts
        await serve(app, settings.gateway_host, settings.gateway_port, stop)
    finally:
        await store.close()


def options_of(settings: Settings) -> Options:
    """The gateway's options, as the settings say."""
    return Options(
        api_keys=tuple(key.get_secret_value() for key in settings.api_keys),
        public_url=settings.public_url,
        webhook_secrets={
            source: tuple(secret.get_secret_value() for secret in secrets)
            for source, secrets in settings.webhook_secrets.items()
        },
        source_settings=settings.webhook_settings,
        own_sources=settings.webhook_sources,
        intake_kept=timedelta(days=settings.intake_days),
    )
