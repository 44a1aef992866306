"""Checks of a connected tool: reach, clock, credentials, scopes, subscriptions, and how it was heard of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from activities.reconcile import Watched, silence
from integrations.kit.clocks import compare_clocks
from integrations.kit.connection import Connection
from integrations.kit.connections import Connections
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.ports import PollingSource
from integrations.kit.tool import Tool
from integrations.registry import TOOLS, polling_of
from store import feeds
from store.database import Store


async def check_connected(name: str, connections: Connections, store: Store, *, repair: bool = False) -> list[Finding]:
    """Everything that can be looked at of one connected tool, by its name; with ``repair``, after it was set up.

    Raises:
        StoreAway: the database does not answer.
    """
    tool = TOOLS[name]
    polled = polling_of(connections, store).get(tool.source or name)
    source = polled[2] if polled else None
    return await check_tool(tool, connections.tools[name], source, store, repair=repair)


async def check_tool(
    tool: Tool, connection: Connection, source: PollingSource | None, store: Store, *, repair: bool = False
) -> list[Finding]:
    """The same, of a tool that is at hand; ``source`` is what it is read by, if it is.

    Raises:
        StoreAway: the database does not answer.
    """
    found = [await compare_clocks(address)] if (address := getattr(connection, "base_url", None)) else []
    found += _check_secrets(tool, connection)
    if source is None:
        return [*found, Finding("ok", "polling", "this tool is not read: it is heard of by its webhooks alone")]
    if repair:
        found += await _asked(source.repair)
    found += await _asked(source.health)
    return [*found, await _check_feed(tool, connection, source, store)]


def _check_secrets(tool: Tool, connection: Connection) -> list[Finding]:
    if tool.source is None:
        return []
    if not connection.webhook_secrets:
        remedy = f"Write webhook_secrets: [env:NAME] under {tool.name}, unless it sends none"
        return [Finding("warning", "webhooks", "no secret is set up: what it sends is refused", remedy)]
    return [Finding("ok", "webhooks", f"{len(connection.webhook_secrets)} secret(s) set up")]


async def _asked(question: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        return await question()
    except (NotHandedOver, Unanswered) as error:
        return [Finding("problem", "credentials", error.reason, "Look at the tool's own page of the documentation")]
    except Refused as error:
        remedy = "Look at the scopes that the tool's own page names"
        return [Finding("problem", "credentials", error.reason, remedy)]


async def _check_feed(tool: Tool, connection: Connection, source: PollingSource, store: Store) -> Finding:
    feed, now = await feeds.of(store, tool.source or tool.name), datetime.now(UTC)
    every = timedelta(minutes=connection.poll_minutes)
    if feed.polled_at is None:
        return Finding("warning", "polling", "it was never read", "Start a worker that has this connections file")
    last = f"it was last read at {feed.polled_at:%d %b %H:%M} UTC"
    if now - feed.polled_at > 4 * every + timedelta(minutes=15):
        remedy = f"Look at the Schedule reconcile-{feed.source} in the Temporal UI, and whether a worker is there"
        return Finding("problem", "polling", f"{last}, and is to be read every {connection.poll_minutes} min", remedy)
    watched = Watched(title=tool.title, source=source, every=every, silence=timedelta(hours=connection.silence_hours))
    return silence(feed, watched, now) or Finding("ok", "polling", last)
