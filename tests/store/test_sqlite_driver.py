from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from store.database import Store

Hops = list[object]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'hops.db'}")
    async with store.writing() as connection:
        await connection.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield store
    await store.close()


@pytest.fixture
def hops(store: Store, monkeypatch: pytest.MonkeyPatch) -> Hops:
    made: Hops = []
    execute: Callable[..., Awaitable[object]] = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, function: object, *args: object, **kwargs: object) -> object:
        made.append(function)
        return await execute(self, function, *args, **kwargs)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return made


async def test_a_transaction_goes_to_the_connections_thread_once_a_statement_and_to_begin_and_commit(
    store: Store, hops: Hops
) -> None:
    async with store.writing() as connection:
        await connection.execute(text("INSERT INTO thing (name) VALUES (:name)"), [{"name": "one"}, {"name": "two"}])
        found = await connection.execute(text("SELECT name FROM thing ORDER BY id"))
        assert found.scalars().all() == ["one", "two"]
    assert len(hops) == 4


async def test_a_statement_says_how_many_rows_it_changed(store: Store) -> None:
    async with store.writing() as connection:
        many = text("INSERT INTO thing (name) VALUES (:name)")
        assert (await connection.execute(many, [{"name": "one"}, {"name": "two"}])).rowcount == 2
        assert (await connection.execute(text("UPDATE thing SET name = 'three' WHERE name = 'two'"))).rowcount == 1


async def test_a_transaction_that_fails_leaves_nothing_behind(store: Store) -> None:
    async def twice() -> None:
        async with store.writing() as connection:
            await connection.execute(text("INSERT INTO thing (name) VALUES ('one')"))
            await connection.execute(text("INSERT INTO thing (name) VALUES ('one')"))

    with pytest.raises(IntegrityError):
        await twice()
    async with store.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM thing"))).scalar() == 0
