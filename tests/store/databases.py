"""Both databases as fixtures: whatever asks for ``store`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from store import schema
from store.database import Store
from store.tables import METADATA
from tests.store.postgres_server import PostgresServer


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection of the test's own, beside the store's."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@functools.cache
def running_postgres() -> PostgresServer:
    """A PostgreSQL, one for the whole test run."""
    return PostgresServer()


@pytest.fixture(scope="session")
def postgres() -> str:
    return running_postgres().url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    with connected(postgres) as connection:
        schema.migrate(connection)
    return postgres


@functools.cache
def _migrated_bytes() -> bytes:
    """An empty SQLite database with all tables: migrating takes long where hundreds of tests do it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "migrated.db")
        with connected(f"sqlite:///{path}") as connection:
            schema.migrate(connection)
        return path.read_bytes()


def migrated(folder: Path) -> str:
    """The address of a folder's SQLite database, migrated; a new one, if there is none."""
    path = folder / "deals.db"
    if not path.exists():
        path.write_bytes(_migrated_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    path.write_bytes(_migrated_bytes())
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database."""
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "deals.db")
        return f"sqlite:///{tmp_path / 'deals.db'}"
    url: str = request.getfixturevalue("migrated_postgres")
    with connected(url) as connection:
        connection.execute(text(f"TRUNCATE {', '.join(METADATA.tables)} RESTART IDENTITY"))
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An empty store."""
    opened = Store.open(database_url)
    yield opened
    await opened.close()
