"""The store of DATABASE_URL, for a command that reads or changes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.database import Store


@asynccontextmanager
async def opened_store() -> AsyncIterator[Store]:
    """The store, for as long as the block runs.

    Raises:
        StoreError: there is none, or its tables are of an older release.
    """
    from runtime.settings import Settings
    from store.database import Store
    from store.sealing import Seal

    settings = Settings()
    store = Store.existing(settings.database_url, seal=Seal(settings.token_keys))
    try:
        await store.check_migrated()
        yield store
    finally:
        await store.close()
