from __future__ import annotations

import asyncio
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from store.database import Store, driver_url
from store.errors import BadDatabaseUrl, DatabaseFolderMissing, NotMigrated, StoreAway
from store.tables import METADATA, suppression


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///deals.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///deals.db", "sqlite+aiosqlite"),
        ("postgresql://u:p@h/deals", "postgresql+psycopg"),
        ("postgres://u:p@h/deals", "postgresql+psycopg"),
        ("postgresql+asyncpg://u:p@h/deals", "postgresql+psycopg"),
    ],
)
def test_an_address_gets_the_driver_that_the_store_uses(given: str, driver: str) -> None:
    assert driver_url(given).drivername == driver


@pytest.mark.parametrize("address", ["mysql://h/deals", "deals.db", ""])
def test_any_other_address_is_refused_with_those_that_there_are(address: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=r"sqlite:///path/to/file\.db"):
        Store.open(address)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql:deals:s3cret@db.example/deals",
        "postgresql//deals:s3cret@db.example/deals",
        "deals:s3cret@db.example/deals",
        "s3cret",
        "mysql://deals:s3cret@db.example/deals",
        "sqlite://deals:s3cret@db.example/deals",
        "postgresql://deals:s3cret@db.example:port/deals",
        "postgresql://deals:a@s3cret@db.example/deals",
        "postgresql://deals:a@s3cret:x@db.example/deals",
        "postgresql://deals/s3cret@db.example/deals",
        "postgresql://db.example/deals?passwort=s3cret",
    ],
)
def test_a_mistake_in_the_address_is_told_without_its_password(address: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="write DATABASE_URL as") as refused:
        Store.open(address)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


async def test_a_database_that_is_away_is_told_without_its_password() -> None:
    store = Store.open("postgresql://deals:s3cret@127.0.0.1:1/deals")
    with pytest.raises(StoreAway) as away:
        await store.check_migrated()
    await store.close()
    assert "s3cret" not in "".join(traceback.format_exception(away.value)) + store.place + repr(vars(store))


def test_a_folder_that_cannot_be_made_is_refused_with_its_name_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(DatabaseFolderMissing, match=rf"{tmp_path / 'a-file' / 'x'} .*Not a directory.*DATABASE_URL"):
        Store.open(f"sqlite:///{tmp_path / 'a-file' / 'x' / 'deals.db'}")


@pytest.fixture
def unmigrated(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'deals.db'}"
    url: str = request.getfixturevalue("postgres")
    engine = create_engine(driver_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS unmigrated"))
        connection.execute(text("CREATE DATABASE unmigrated"))
    engine.dispose()
    return driver_url(url).set(database="unmigrated").render_as_string(hide_password=False)


async def test_a_database_without_tables_is_refused_with_what_to_run(unmigrated: str) -> None:
    store = Store.open(unmigrated)
    with pytest.raises(NotMigrated, match=r"has no tables yet.*dealwright migrate"):
        await store.check_migrated()
    await store.close()


async def test_several_workers_may_migrate_at_once(unmigrated: str) -> None:
    stores = [Store.open(unmigrated) for _ in range(4)]
    try:
        async with asyncio.TaskGroup() as workers:
            for store in stores:
                workers.create_task(store.migrate())
        for store in stores:
            await store.check_migrated()
    finally:
        for store in stores:
            await store.close()


async def test_the_migrations_make_the_very_tables_that_the_code_works_on(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async with store.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_database_at_an_unknown_revision_is_one_of_a_later_release_and_fit(unmigrated: str) -> None:
    store = Store.open(unmigrated)
    await store.migrate()
    async with store.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await store.migrate()
    await store.check_migrated()
    await store.close()


async def test_an_error_rolls_the_whole_transaction_back(store: Store) -> None:
    row = {"address": "ada@acme.test", "reason": "opted out", "since": datetime(2026, 1, 1, tzinfo=UTC)}

    async def write_and_fail() -> None:
        async with store.writing() as connection:
            await connection.execute(store.insert(suppression).values(row))
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    async with store.reading() as connection:
        assert (await connection.execute(suppression.select())).all() == []


async def test_a_database_that_does_not_answer_is_said_to_be_away(tmp_path: Path) -> None:
    store = Store.open(f"postgresql://deals@/deals?host={tmp_path}")
    with pytest.raises(StoreAway, match=r"The database does not answer; it is tried again"):
        await store.check_migrated()
    await store.close()


async def test_sqlite_writes_ahead_and_takes_one_writer_at_a_time(tmp_path: Path) -> None:
    stores = [Store.open(f"sqlite:///{tmp_path / 'deals.db'}") for _ in range(2)]
    await stores[0].migrate()

    async def write(number: int) -> None:
        async with stores[number % 2].writing() as connection:
            count = await connection.scalar(text("SELECT count(*) FROM suppression"))
            await connection.execute(
                text("INSERT INTO suppression VALUES (:address, 'x', '2026-01-01', NULL)"), {"address": f"{count}"}
            )

    await asyncio.gather(*(write(number) for number in range(20)))
    async with stores[0].reading() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("SELECT count(*) FROM suppression")) == 20
    for store in stores:
        await store.close()


async def test_a_task_that_is_cancelled_in_a_transaction_leaves_no_lock_behind(store: Store, database_url: str) -> None:
    begun = asyncio.Event()

    async def stand_still() -> None:
        async with store.writing() as connection:
            await connection.execute(text("DELETE FROM suppression"))
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stand_still())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    other = Store.open(database_url)
    async with asyncio.timeout(60), other.writing() as connection:
        await connection.execute(text("DELETE FROM suppression"))
    await other.close()


async def test_an_error_of_the_database_shows_no_values(store: Store) -> None:
    with pytest.raises((SQLAlchemyError, StoreAway)) as failed:
        async with store.writing() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:address)"), {"address": "ana@buyer.example"})
    assert "nowhere" in str(failed.value)
    assert "ana@buyer.example" not in str(failed.value)


async def test_a_commit_outlives_a_power_cut_since_a_lost_mark_would_be_a_second_mail(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'deals.db'}")
    async with store.writing() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA synchronous")) == 2  # FULL: the log is on the disk at each commit
    await store.close()
