from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from store import postgres_connections
from store.database import Store
from tests.store.databases import connected


@pytest.fixture
async def store(postgres: str) -> AsyncIterator[Store]:
    store = Store.open(postgres, connections=1)
    yield store
    await store.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made: list[object] = []
    ping: Callable[[PGDialect_psycopg, object], bool] = PGDialect_psycopg.do_ping

    def counted(self: PGDialect_psycopg, connection: object) -> bool:
        made.append(connection)
        return ping(self, connection)

    monkeypatch.setattr(PGDialect_psycopg, "do_ping", counted)
    return made


async def backend(store: Store) -> int:
    async with store.reading() as connection:
        return int(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_one_transaction_after_another_asks_nothing_of_the_connection(store: Store, asked: list[object]) -> None:
    assert await backend(store) == await backend(store)
    assert asked == []


async def test_a_connection_that_was_lost_while_it_rested_is_made_anew(
    store: Store, postgres: str, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connections, "_IDLE_SECONDS", 0)
    lost = await backend(store)
    with connected(postgres) as another:
        another.execute(text(f"SELECT pg_terminate_backend({lost})"))
    assert await backend(store) != lost
    assert len(asked) == 1


async def test_a_connection_that_was_lost_a_moment_ago_is_made_anew(store: Store, postgres: str) -> None:
    lost = await backend(store)
    with connected(postgres) as another:
        another.execute(text(f"SELECT pg_terminate_backend({lost}, 5000)"))
    assert await backend(store) != lost
