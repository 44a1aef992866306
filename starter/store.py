"""The store of DATABASE_URL, for a command that reads or changes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from temporalio.client import Client

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


@asynccontextmanager
async def matching_store() -> AsyncIterator[tuple[Client, Store]]:
    """Temporal and the store, if they belong together, for as long as the block runs.

    Raises:
        NotReady: Temporal does not answer, or the two do not belong together.
        StoreError: there is no store, or its tables are of an older release.
    """
    from runtime.connection import connect
    from runtime.store_binding import require_matching_store
    from store.installation import InstallationRecord

    async with opened_store() as store:
        client = await connect()
        await require_matching_store(client, InstallationRecord(store))
        yield client, store
        await asyncio.sleep(0.05)  # the SDK's threads may otherwise crash the interpreter's exit
