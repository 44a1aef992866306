from __future__ import annotations

import pytest

from tests.store.databases import database_url, migrated_postgres, migrated_sqlite, postgres, store

__all__ = ["database_url", "migrated_postgres", "migrated_sqlite", "postgres", "store"]


@pytest.fixture
def database() -> str:
    return "sqlite"
