from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from dealwright.identity import Installation
from local.server.server import LocalServer
from runtime.namespace_marker import MARKER, read_mark
from runtime.store_binding import StoreMismatch, bind, require_matching_store
from store.database import Store
from store.installation import InstallationRecord
from tests.store.databases import migrated_sqlite
from tests.temporal_environment import QUIET, new_deal_id, new_namespace, running_worker, wait_until

__all__ = ["migrated_sqlite"]

pytestmark = pytest.mark.server
AStore = Callable[[], InstallationRecord]


@pytest.fixture
async def a_database(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[Callable[[], Store]]:
    """Makes stores that nobody has used."""
    async with AsyncExitStack() as stack:

        def made() -> Store:
            file = tmp_path / f"{new_deal_id('store')}.db"
            shutil.copy(migrated_sqlite, file)
            store = Store.open(f"sqlite:///{file}")
            stack.push_async_callback(store.close)
            return store

        yield made


@pytest.fixture
def a_store(a_database: Callable[[], Store]) -> AStore:
    """Makes stores that nobody has used, as they tell of themselves."""
    return lambda: InstallationRecord(a_database())


@pytest.fixture
async def namespace(temporal_server: LocalServer) -> Client:
    """A namespace that no worker has used."""
    return await new_namespace(temporal_server.address)


async def test_at_the_first_start_a_store_and_a_namespace_take_each_other(namespace: Client, a_store: AStore) -> None:
    store = a_store()
    first = await require_matching_store(namespace, store)
    assert await require_matching_store(namespace, store) == first
    mark = await read_mark(namespace)
    assert mark is not None
    assert mark.installation == first.id


async def test_another_store_is_refused_and_the_message_says_what_to_do(namespace: Client, a_store: AStore) -> None:
    await require_matching_store(namespace, a_store())
    with pytest.raises(StoreMismatch, match=r"belong to another store .*DATABASE_URL.*dealwright installation --bind"):
        await require_matching_store(namespace, a_store())


async def test_a_store_is_refused_for_a_second_namespace(
    namespace: Client, temporal_server: LocalServer, a_store: AStore
) -> None:
    store = a_store()
    await require_matching_store(namespace, store)
    other = await new_namespace(temporal_server.address)
    with pytest.raises(StoreMismatch, match="belongs to another namespace"):
        await require_matching_store(other, store)
    assert await read_mark(other) is None


async def test_a_copy_of_the_store_in_a_namespace_of_its_own_is_refused_until_it_is_bound(
    namespace: Client, temporal_server: LocalServer, a_store: AStore
) -> None:
    store = a_store()
    original = await require_matching_store(namespace, store)  # what follows is about its copy, which has the same id
    trial = await new_namespace(temporal_server.address)
    with pytest.raises(StoreMismatch):
        await require_matching_store(trial, store)
    bound = await bind(trial, store)
    assert bound.id != original.id
    assert await require_matching_store(trial, store) == bound
    with pytest.raises(StoreMismatch):
        await require_matching_store(namespace, store)


async def test_of_two_stores_at_once_one_takes_the_namespace_and_the_other_is_free_for_another(
    namespace: Client, temporal_server: LocalServer, a_store: AStore
) -> None:
    stores = [a_store() for _ in range(4)]
    results = await asyncio.gather(*(require_matching_store(namespace, one) for one in stores), return_exceptions=True)
    assert [type(one) for one in results].count(StoreMismatch) == 3
    loser = stores[next(n for n, one in enumerate(results) if isinstance(one, StoreMismatch))]
    assert await loser.read() is None
    await require_matching_store(await new_namespace(temporal_server.address), loser)


async def test_two_processes_with_one_store_both_start(namespace: Client, a_store: AStore) -> None:
    store = a_store()
    first, second = await asyncio.gather(
        require_matching_store(namespace, store), require_matching_store(namespace, store)
    )
    assert first == second


async def test_a_process_that_starts_while_another_takes_the_namespace_for_the_same_store_starts_too(
    namespace: Client, a_database: Callable[[], Store]
) -> None:
    database = a_database()

    class ReadJustBefore(InstallationRecord):
        async def read(self) -> Installation | None:
            found = await super().read()
            await require_matching_store(namespace, InstallationRecord(database))
            return found

    ours = await require_matching_store(namespace, ReadJustBefore(database))
    assert ours == await InstallationRecord(database).read()


async def test_a_first_start_that_was_cut_off_between_the_two_is_finished_by_the_next(
    namespace: Client, a_store: AStore
) -> None:
    store = a_store()
    begun = await require_matching_store(namespace, store)
    await namespace.get_workflow_handle(MARKER).terminate()  # as if it had never been set
    assert await require_matching_store(namespace, store) == begun
    assert await read_mark(namespace) is not None


async def test_a_new_store_is_refused_where_unmarked_deals_were_worked_on(
    namespace: Client, a_database: Callable[[], Store]
) -> None:
    await _work_on_a_deal(namespace, a_database())
    with pytest.raises(StoreMismatch, match="has deals that some worker has worked on"):
        await require_matching_store(namespace, InstallationRecord(a_database()))


async def test_a_process_that_starts_while_the_first_worker_begins_with_a_deal_starts_too(
    namespace: Client, a_database: Callable[[], Store]
) -> None:
    database = a_database()

    class AskedJustBefore(InstallationRecord):
        async def holds_deals(self) -> bool:
            held = await super().holds_deals()
            await require_matching_store(namespace, InstallationRecord(database))
            await _work_on_a_deal(namespace, database)
            return held

    ours = await require_matching_store(namespace, AskedJustBefore(database))
    assert ours == await InstallationRecord(database).read()


async def test_deals_that_were_opened_before_the_first_worker_wait_for_any_store(
    namespace: Client, a_store: AStore
) -> None:
    await DealClient(namespace).open({"id": new_deal_id()}, QUIET)
    await require_matching_store(namespace, a_store())


async def _work_on_a_deal(namespace: Client, store: Store) -> None:
    async with running_worker(namespace, store):
        await DealClient(namespace).open({"id": new_deal_id()}, QUIET)

        async def listed() -> bool:
            return any(deal.stage for deal in (await DealClient(namespace).find()).deals)

        await wait_until(listed)
