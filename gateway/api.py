"""The HTTP API, put together: routes, keys, problems, webhooks, and the dispatcher behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from dealwright.client.deal_client import DealClient
from gateway.auth import Keys, with_a_key
from gateway.body_limit import BoundedBodies
from gateway.options import Options
from gateway.problems import describe_problems, tell_errors_as_problems
from gateway.rate_limits import Floods
from gateway.routes import deals as deal_routes
from gateway.routes import health, intake, messages, unsubscribe
from gateway.webhooks import receive
from gateway.webhooks.dispatch import Dispatcher
from gateway.webhooks.receive import Sources, sources_with
from integrations.kit.mapping import mappings_in
from integrations.registry import shipped_mappings
from store.database import Store

DESCRIPTION = """
Open deals, tell them what happened, give them commands, and read where they stand.

* A **fact** happened outside and is never changed. Told twice under one `id`, it counts once.
* A **command** is what somebody wants of a deal, and gets a verdict.
* Every error is a problem (RFC 9457) that says what to do.

Send an API key as `X-API-Key`, or as a bearer token.
"""
TAGS = [
    {"name": "Deals", "description": "Open deals and read them."},
    {"name": "Facts", "description": "What happened outside. Accepted at once; the deal decides what follows."},
    {"name": "Commands", "description": "What people want of a deal. Answered with a verdict."},
    {"name": "Webhooks", "description": "Events of other tools, signed by them. They need no API key."},
    {"name": "Unsubscribe", "description": "Where the link in a message leads."},
    {"name": "Intake", "description": "What webhooks brought, and what became of it."},
    {"name": "Health", "description": "For load balancers and orchestrators."},
]


def create_app(options: Options, deals: DealClient, store: Store) -> FastAPI:
    """The gateway's app. The dispatcher runs as long as the app does; ``deals`` and ``store`` stay the caller's.

    Raises:
        NoApiKeys: there is no key, and callers on this machine are not let in without one either.
        WeakApiKey: a key is too short.
        BadMapping: a mapping file, or what is configured for it, cannot be used.
        BadSecret: a webhook secret cannot be used.
        NoPublicUrl: a source signs the public URL, which is not configured.
    """
    mappings = shipped_mappings() | (mappings_in(options.own_sources) if options.own_sources else {})
    known = sources_with(mappings, options.webhook_secrets, options.source_settings, options.public_url)
    sources = Sources(store, known, options.public_url)
    app = FastAPIOffline(  # its page needs nothing from the internet
        redoc_url=None, title="Dealwright", version=_version(), description=DESCRIPTION, openapi_tags=TAGS,
        lifespan=_lifespan, redirect_slashes=False,
    )  # fmt: skip
    app.state.keys = Keys(options.api_keys, keyless_on_loopback=options.keyless_on_loopback)
    app.state.floods = Floods(options.rate_for_a_deal, options.rate_for_a_key)
    app.state.deals, app.state.store, app.state.sources = deals, store, sources
    named_by_id = sources.named_by_id | {unsubscribe.SOURCE}
    app.state.dispatcher = Dispatcher(store, deals, named_by_id, options.pace, options.intake_kept)
    for routes in (deal_routes, messages, intake):
        app.include_router(routes.router, dependencies=[Depends(with_a_key)])
    app.include_router(receive.router)
    app.include_router(unsubscribe.router)
    app.include_router(health.router)
    app.add_middleware(BoundedBodies)
    tell_errors_as_problems(app)
    describe_problems(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    dispatcher: Dispatcher = app.state.dispatcher
    passing_on = asyncio.create_task(dispatcher.run(), name="dispatcher")
    try:
        yield
    finally:
        passing_on.cancel()
        with suppress(asyncio.CancelledError):
            await passing_on


def _version() -> str:
    try:
        return version("dealwright")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
