from __future__ import annotations

from tests.store.databases import database, database_url, migrated_postgres, migrated_sqlite, postgres, store

__all__ = ["database", "database_url", "migrated_postgres", "migrated_sqlite", "postgres", "store"]
