"""Tries a payload: what it would become, without a signature and without keeping anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.events import challenge_in, events_in, reply_to
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.registry import TOOLS, connections_at, connections_by_source
from runtime.settings import Settings
from starter.integrations.configured import mappings
from store.intake import Event

_CONTENT_TYPES = {"form": "application/x-www-form-urlencoded", "xml": "text/xml"}


class NoSuchSource(BadValue):
    """No tool and no source has this name."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a payload would become."""

    source: str
    events: tuple[Event, ...]
    answer: Reply | None
    """What the source would hear, if something else than our receipt."""


async def tried(tool: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Trial:
    """What a body of a tool's would become, with this installation's settings.

    Raises:
        NoSuchSource: there is no such tool, or it sends no webhooks.
        Unreadable: the body is not what the tool sends.
        BadMapping, BadConnections: a file of this installation cannot be used.
    """
    source = _source(tool)
    type_ = _CONTENT_TYPES.get(source.mapping.body, "application/json")
    by_name = {"content-type": type_, **{name.lower(): value for name, value in headers.items()}}
    request = WebhookRequest("POST", f"https://localhost/webhooks/{source.name}", by_name, body, query)
    if (challenged := challenge_in(source, request)) is not None:
        return Trial(source.name, (), challenged)
    events = events_in(source, request, datetime.now(UTC))
    return Trial(source.name, tuple(events), reply_to(source, request))


def _source(tool: str) -> Source:
    settings = Settings()
    known = mappings(settings)
    name = TOOLS[tool].source or tool if tool in TOOLS else tool
    if name not in known:
        sources = [one.name for one in TOOLS.values() if one.source] + list(known)
        raise NoSuchSource(f"there is no tool {tool!r} that sends webhooks", did_you_mean(tool, sources))
    connection = connections_by_source(connections_at(settings.connections)).get(name)
    if connection is None:
        return known[name].with_settings(settings.webhook_settings.get(name, {}))
    words = connection.tables
    return known[name].with_settings(connection.settings, words)
