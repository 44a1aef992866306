"""The connected tools that are read beside their webhooks."""

from __future__ import annotations

from datetime import timedelta

from activities.reconcile import Watched
from integrations.kit.connections import Connections
from integrations.registry import polling_of
from store.database import Store


def watched_tools(connections: Connections, store: Store) -> dict[str, Watched]:
    """Them, by the names of their sources."""
    return {
        source: Watched(
            title=tool.title, source=made, every=timedelta(minutes=connection.poll_minutes),
            silence=timedelta(hours=connection.silence_hours),
        )
        for source, (tool, connection, made) in polling_of(connections, store).items()
    }  # fmt: skip
