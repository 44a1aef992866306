"""The gateway's composition root: settings to options, clients, app and HTTP server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from dealwright.diagnostics.diagnostic import Diagnostic
from gateway.api import create_app
from gateway.development_secrets import require_own_secrets
from gateway.events.targets import Targets
from gateway.http_server import running_server, serve_until
from gateway.namespace_binding import NamespaceBinding
from gateway.options import GatewayOptions
from integrations.kit.connection import Connection
from integrations.kit.connections import BadConnections
from integrations.registry import connections_at, connections_by_source
from playbooks import shipped
from runtime.connection import ServerAway, connect
from runtime.settings import Settings
from runtime.store_binding import require_matching_store
from store import bundles, unsubscribe
from store.api_keys import good_keys
from store.database import Store
from store.installation import InstallationRecord
from store.sealing import Seal

log = logging.getLogger(__name__)


@asynccontextmanager
async def serve_gateway(settings: Settings, deals: DealClient, store: Store) -> AsyncIterator[str]:
    """Serve the gateway while the block runs; gives its address.

    Raises:
        BadConnections: the connections file cannot be used.
        DefaultSecretExposed: others can reach it, and its key or a secret is not its own.
    """
    require_own_secrets(settings)
    app = create_app(options_of(settings), deals, store)
    async with running_server(app, settings.gateway_host, settings.gateway_port, settings.trusted_proxies) as url:
        yield url


async def run_gateway(settings: Settings, stop: asyncio.Event) -> None:
    """Connect, and serve the gateway until ``stop``.

    While Temporal is away it keeps what webhooks bring, if its store was ever that of a namespace.

    Raises:
        BadConnections: the connections file cannot be used.
        DefaultSecretExposed: others can reach it, and its key or a secret is not its own.
        StoreMismatch: the store is not that of the namespace.
        NotReady, StoreError: what is missing, and what to do.
    """
    require_own_secrets(settings)
    store = Store.open(settings.database_url, seal=Seal(settings.token_keys))
    try:
        await store.check_migrated()
        await unsubscribe.secret(store)  # made now if there is none; whoever cannot read it opens nobody's link
        client, binding = await _connected(InstallationRecord(store))
        app = create_app(options_of(settings), DealClient(binding.guarding(client)), store, binding.problem)
        if not settings.api_keys and not await good_keys(store, datetime.now(UTC)):
            log.warning("there is no key of the HTTP API: make one with `dealwright key create`")
        await bundles.publish_new(store, shipped())  # deals may be opened before the first worker starts
        settling = asyncio.create_task(
            binding.settle(lambda: require_matching_store(client, InstallationRecord(store)), stop), name="binding"
        )
        try:
            await serve_until(app, settings.gateway_host, settings.gateway_port, stop, settings.trusted_proxies)
        finally:
            settling.cancel()
        if binding.mismatch is not None:
            raise binding.mismatch
    finally:
        await store.close()


async def _connected(record: InstallationRecord) -> tuple[Client, NamespaceBinding]:
    try:
        client = await connect()
        await require_matching_store(client, record)
    except ServerAway as error:
        if await record.read() is None:  # whose deals these are is settled at the first start
            raise
        log.warning("%s. What webhooks bring is kept meanwhile", error)
        return await connect(lazy=True), NamespaceBinding(known=False)
    return client, NamespaceBinding()


def options_of(settings: Settings) -> GatewayOptions:
    """The gateway's options, as the settings and the connections file say.

    Raises:
        BadConnections: the connections file cannot be used, or says what a variable says as well.
    """
    connections = connections_at(settings.connections)
    of_sources = connections_by_source(connections)
    _say_nothing_twice(settings, of_sources)
    secrets = {name: connection.webhook_secrets for name, connection in of_sources.items()}
    return GatewayOptions(
        api_keys=tuple(key.get_secret_value() for key in settings.api_keys),
        public_url=settings.public_url,
        webhook_secrets={
            source: tuple(secret.get_secret_value() for secret in given)
            for source, given in (settings.webhook_secrets | secrets).items()
        },
        source_settings=settings.webhook_settings
        | {name: connection.settings for name, connection in of_sources.items()},
        connections=connections,
        custom_mappings=settings.webhook_sources,
        work_preferences=settings.work_preferences,
        rate_per_deal=settings.rate_per_deal,
        rate_per_key=settings.rate_per_key,
        rate_per_source=settings.rate_per_source,
        audit_retention=timedelta(days=settings.audit_days),
        api_docs=settings.api_docs,
        intake_retention=timedelta(days=settings.intake_days),
        event_targets=Targets(settings.event_networks),
        event_retention=timedelta(days=settings.event_days),
    )


def _say_nothing_twice(settings: Settings, of_sources: Mapping[str, Connection]) -> None:
    variables = {
        "DEALWRIGHT_WEBHOOK_SECRETS": list(settings.webhook_secrets),
        "DEALWRIGHT_WEBHOOK_SETTINGS": list(settings.webhook_settings),
    }
    problem, remedy = "the source is in the connections file as well", "say it there, and take it out here"
    wrong = [
        Diagnostic((variable, name), problem, remedy)
        for variable, given in variables.items()
        for name in given
        if name in of_sources
    ]
    if wrong:
        raise BadConnections(wrong)
