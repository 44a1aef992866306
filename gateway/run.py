"""The gateway composed: settings to options to a served app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.options import Options
from gateway.serve import serve, serving
from playbooks import shipped
from runtime.belonging import require_together
from runtime.connection import connect
from runtime.settings import Settings
from runtime.sockets import is_loopback
from store import bundles
from store.database import Store
from store.installation import InstallationRecord

LOCAL_KEY = "local-development-key"
"""The API key of a gateway that only this machine reaches."""
LOCAL_SECRETS = {"hubspot": "local-hubspot-secret", "standard": "whsec_bG9jYWwtc3RhbmRhcmQtd2ViaG9va3M="}
"""The signing secrets of such a gateway, for trying webhooks."""


class KnownToAll(ValueError):
    """A key or secret that everybody can read in the documentation, on a gateway that others can reach."""

    def __init__(self, what: str, variable: str, host: str) -> None:
        super().__init__(
            f"{what} is that of local development, which everybody knows, and the gateway listens on {host}: write "
            f"one of your own ({variable}), or listen on 127.0.0.1 (DEALWRIGHT_GATEWAY_HOST)."
        )


@asynccontextmanager
async def serve_gateway(settings: Settings, deals: DealClient, store: Store) -> AsyncIterator[str]:
    """Serve the gateway while the block runs; gives its address.

    Raises:
        KnownToAll: others can reach it, and its key or a secret is not its own.
    """
    _require_own_secrets(settings)
    app = create_app(options_of(settings), deals, store)
    async with serving(app, settings.gateway_host, settings.gateway_port) as url:
        yield url


async def run_gateway(settings: Settings, stop: asyncio.Event) -> None:
    """Connect, and serve the gateway until ``stop``.

    Raises:
        KnownToAll: others can reach it, and its key or a secret is not its own.
        NotTogether: the store is not that of the namespace.
        NotReady, StoreError: what is missing, and what to do.
    """
    _require_own_secrets(settings)
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


def _require_own_secrets(settings: Settings) -> None:
    if is_loopback(settings.gateway_host):
        return
    if LOCAL_KEY in (key.get_secret_value() for key in settings.api_keys):
        raise KnownToAll("The API key", "DEALWRIGHT_API_KEYS", settings.gateway_host)
    for source, secrets in settings.webhook_secrets.items():
        if LOCAL_SECRETS.get(source) in [secret.get_secret_value() for secret in secrets]:
            raise KnownToAll(f"The secret of {source}", "DEALWRIGHT_WEBHOOK_SECRETS", settings.gateway_host)


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
        rate_for_a_deal=settings.rate_per_deal,
        rate_for_a_key=settings.rate_per_key,
        intake_kept=timedelta(days=settings.intake_days),
    )
