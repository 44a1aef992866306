"""Tries a payload: what it would become, without a signature, without asking the tool and without keeping anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from integrations.kit.connections import Connections
from integrations.kit.http import asking_nobody
from integrations.kit.inbound import InboundHandler
from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.events import challenge_in, events_in, reply_to
from integrations.kit.mapping.files import mappings_in
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.registry import TOOLS, connections_at, connections_by_source, handlers_of
from runtime.settings import Settings
from starter.integrations.configured import mappings
from store.errors import DatabaseNotFound, NotMigrated, StoreAway
from store.intake import Event
from store.rehearsal import RehearsalStore

_CONTENT_TYPES = {"form": "application/x-www-form-urlencoded", "xml": "text/xml"}
_WITHOUT_DATABASE = (DatabaseNotFound, NotMigrated, StoreAway)


class NoSuchSource(BadValue):
    """No tool and no source has this name."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a payload would become."""

    source: str
    events: tuple[Event, ...]
    answer: Reply | None
    """What the source would hear, if something else than our receipt."""
    without_database: str | None = None
    """Why nothing that the installation knows was looked at, where that would have counted."""


async def tried(tool: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Trial:
    """What a body of a tool's would become, with this installation's settings, and with what it knows by now.

    A tool's own code reads in the installation's database. What it writes there is undone, and it can ask no tool.

    Raises:
        NoSuchSource: there is no such tool, or it sends no webhooks.
        Unreadable: the body is not what the tool sends.
        BadMapping, BadConnections: a file of this installation cannot be used.
    """
    settings = Settings()
    connections = connections_at(settings.connections)
    source = _source(tool, settings, connections)
    type_ = _CONTENT_TYPES.get(source.mapping.body, "application/json")
    by_name = {"content-type": type_, **{name.lower(): value for name, value in headers.items()}}
    request = WebhookRequest("POST", f"https://localhost/webhooks/{source.name}", by_name, body, query)
    if (challenged := challenge_in(source, request)) is not None:
        return Trial(source.name, (), challenged)
    if not _is_read_by_code(source.name, settings):
        return Trial(source.name, tuple(events_in(source, request, datetime.now(UTC))), reply_to(source, request))
    async with _store(settings) as (store, away):
        handler: InboundHandler = handlers_of(connections, store)[source.name]
        with asking_nobody():
            result = await handler(request, source, store)
    return Trial(source.name, (*result.kept, *result.events), result.answer or reply_to(source, request), away)


def _is_read_by_code(source: str, settings: Settings) -> bool:
    """Whether it has code of its own; an installation's own mapping file takes its place."""
    has_code = any(tool.source == source and tool.handler is not None for tool in TOOLS.values())
    own = mappings_in(settings.webhook_sources) if settings.webhook_sources else {}
    return has_code and source not in own


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[tuple[RehearsalStore, str | None]]:
    """The installation's database; where it cannot be had, an empty one, and why."""
    async with AsyncExitStack() as stack:
        try:
            store, away = RehearsalStore.existing(settings.database_url), None
            stack.push_async_callback(store.close)
            await store.check_migrated()
            await stack.enter_async_context(store.rehearsing())
        except _WITHOUT_DATABASE as error:
            away = str(error)
            folder = stack.enter_context(TemporaryDirectory())
            store = RehearsalStore.open(f"sqlite:///{Path(folder) / 'empty.db'}")
            stack.push_async_callback(store.close)
            await store.migrate()
        yield store, away


def _source(tool: str, settings: Settings, connections: Connections) -> Source:
    known = mappings(settings)
    name = TOOLS[tool].source or tool if tool in TOOLS else tool
    if name not in known:
        sources = [one.name for one in TOOLS.values() if one.source] + list(known)
        raise NoSuchSource(f"there is no tool {tool!r} that sends webhooks", did_you_mean(tool, sources))
    connection = connections_by_source(connections).get(name)
    if connection is None:
        return known[name].with_settings(settings.webhook_settings.get(name, {}))
    return known[name].with_settings(connection.settings, connection.tables)
