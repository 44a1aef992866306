"""Creates the FastAPI app: routes, authentication, error answers, webhooks, and the background tasks."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.routing import BaseRoute

from dealwright.client.deal_client import DealClient
from gateway.audit_trail.recording import RecordChanges
from gateway.audit_trail.writing import AuditWriter
from gateway.background import Background
from gateway.body_limit import MIB, BodyLimit
from gateway.events.delivering import Deliverer
from gateway.head_limit import HeadLimit
from gateway.identities.failed_attempts import FailedAttempts
from gateway.identities.key_ring import KeyRing
from gateway.options import GatewayOptions
from gateway.problems import add_error_handlers, document_problems
from gateway.rate_limits import RateLimits
from gateway.routes import (
    audit,
    events,
    health,
    intake,
    keys,
    links,
    messages,
    people,
    playbooks,
    story,
    subscriptions,
    suppression,
    unsubscribe,
    work,
)
from gateway.routes import deals as deal_routes
from gateway.routes.api_page import add_page
from gateway.security_headers import STATIC, SecurityHeaders
from gateway.webhooks import receive
from gateway.webhooks.dispatch import Dispatcher
from gateway.webhooks.questions import Questions
from gateway.webhooks.receive import WebhookSources
from gateway.webhooks.sources import SourceConfiguration, WebhookSource, configured_sources
from integrations.kit.commands import CommandSource
from integrations.kit.mapping.files import mappings_in
from integrations.registry import (
    commands_of,
    connections_by_source,
    fetchers_of,
    handlers_of,
    listeners_of,
    shipped_mappings,
)
from store import channel_wishes
from store.database import Store

TITLE = "Dealwright"
DESCRIPTION = """
Open deals, tell them what happened, give them commands, and read where they stand.

* A **fact** happened outside and is never changed. Told twice under one `id`, it counts once.
* A **command** is what somebody wants of a deal, and gets a verdict.
* Every error is a problem (RFC 9457) that says what to do.

Send an API key as `X-API-Key`, or as a bearer token.
"""
TAGS = [
    {"name": "Deals", "description": "Open deals and read them."},
    {"name": "Work", "description": "What people are asked and have not answered, and how they are told."},
    {"name": "Facts", "description": "What happened outside. Accepted at once; the deal decides what follows."},
    {"name": "Commands", "description": "What people want of a deal. Answered with a verdict."},
    {
        "name": "Events",
        "description": "What happened in deals, for other services: asked for, or sent to who subscribes.",
    },
    {"name": "Webhooks", "description": "Events of other tools, signed by them. They need no API key."},
    {"name": "Unsubscribe", "description": "Where the link in a message leads."},
    {"name": "Intake", "description": "What webhooks brought, and what became of it."},
    {"name": "Playbooks", "description": "The rules that new deals may follow."},
    {"name": "Suppression", "description": "Addresses that get no mail."},
    {"name": "Audit", "description": "Who changed what through this API."},
    {"name": "Keys", "description": "Who may use this API, and for what."},
    {"name": "Health", "description": "For load balancers and orchestrators."},
]

ROUTES = (
    receive,
    deal_routes,
    story,
    work,
    people,
    messages,
    events,
    subscriptions,
    intake,
    playbooks,
    suppression,
    links,
    keys,
    audit,
    unsubscribe,
    health,
)
"""The modules of the routes, in the order of the API's description. Each request is compared with one after the other:
webhooks come first, since most requests are theirs."""


def create_app(
    options: GatewayOptions, deals: DealClient, store: Store, binding: Callable[[], str | None] = lambda: None
) -> FastAPI:
    """The gateway's app. Its background tasks run as long as it does; ``deals`` and ``store`` stay the caller's.

    ``binding`` says why no deal may be written to yet, if none may.

    Raises:
        WeakApiKey: a key is too short.
        BadMapping: a mapping file, or what is configured for it, cannot be used.
        BadSecret: a webhook secret cannot be used.
        NoPublicUrl: a source signs the public URL, which is not configured.
    """
    known = _configured(options, store)
    sources = WebhookSources(store, known, options.public_url)
    app = _new_app(described=options.api_docs)
    app.state.keys, app.state.failed_attempts = (
        KeyRing(store, options.api_keys),
        FailedAttempts(options.failed_attempts),
    )
    app.state.work_preferences = options.work_preferences
    app.state.audit = AuditWriter(store, options.audit_retention)
    app.state.rate_limits = RateLimits(options.rate_per_deal, options.rate_per_key, options.rate_per_source)
    app.state.deals, app.state.store, app.state.sources = deals, store, sources
    commands = commands_of(options.connections, store)
    app.state.dispatcher = _dispatcher(options, deals, store, sources, commands)
    app.state.deliverer = Deliverer(store, options.event_targets, options.delivery, options.event_retention)
    app.state.background = Background(
        app.state.dispatcher, app.state.audit, app.state.deliverer, Questions(commands),
        dict(listeners_of(options.connections, store)), binding,
    )  # fmt: skip
    app.router.routes.extend(_routes())
    larger = {f"/webhooks/{name}": one.source.mapping.largest_body_mib * MIB for name, one in known.items()}
    app.add_middleware(BodyLimit, larger=larger)
    app.add_middleware(RecordChanges, app.state.audit)
    add_error_handlers(app)
    document_problems(app)
    # Outside of all else, so that the answer to an error of ours has them too.
    https = (options.public_url or "").startswith("https://")
    app.middleware_stack = SecurityHeaders(HeadLimit(app.build_middleware_stack()), https=https)
    return app


def _configured(options: GatewayOptions, store: Store) -> dict[str, WebhookSource]:
    """The sources. A team's own mapping file takes a shipped one's place, and that of the code which reads for it."""
    own = mappings_in(options.custom_mappings) if options.custom_mappings else {}
    words = {source: connection.tables for source, connection in connections_by_source(options.connections).items()}
    handlers = handlers_of(options.connections, store)
    configuration = SourceConfiguration(
        options.webhook_secrets, options.source_settings, words,
        {name: handler for name, handler in handlers.items() if name not in own},
        fetchers_of(options.connections, store),
    )  # fmt: skip
    return configured_sources(shipped_mappings() | own, configuration, options.public_url)


def _dispatcher(
    options: GatewayOptions,
    deals: DealClient,
    store: Store,
    sources: WebhookSources,
    commands: Mapping[str, CommandSource],
) -> Dispatcher:
    named_by_id = sources.named_by_id | {unsubscribe.SOURCE, channel_wishes.SOURCE}
    return Dispatcher(
        store, deals, named_by_id, options.dispatch, options.intake_retention,
        fetchers=sources.fetchers, keep_ids_for=sources.keep_ids_for,
        commands=commands,
    )  # fmt: skip


@functools.cache
def _routes() -> tuple[BaseRoute, ...]:
    """The routes, made once: to look through what each takes and gives is a quarter of a second of a core."""
    together = APIRouter()
    for routes in ROUTES:
        together.include_router(routes.router)
    return tuple(together.routes)


def _new_app(*, described: bool) -> FastAPI:
    """An app without routes; with its description and the page that shows it, or without both."""
    if not described:
        return FastAPI(
            title=TITLE, version=_version(), lifespan=_lifespan, redirect_slashes=False, openapi_url=None,
        )  # fmt: skip
    app = FastAPIOffline(
        docs_url=None, redoc_url=None, static_url=STATIC, title=TITLE, version=_version(), description=DESCRIPTION,
        openapi_tags=TAGS, lifespan=_lifespan, redirect_slashes=False,
    )  # fmt: skip
    add_page(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    background: Background = app.state.background
    async with background.running():
        yield


def _version() -> str:
    try:
        return version("dealwright")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
