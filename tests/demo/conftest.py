from __future__ import annotations

from tests.integrations.slack.conftest import database, gateway_door, slack, slack_process
from tests.store.databases import database_url, migrated_sqlite, store

__all__ = ["database", "database_url", "gateway_door", "migrated_sqlite", "slack", "slack_process", "store"]
