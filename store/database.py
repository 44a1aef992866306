"""The store's connection: one database, SQLite or PostgreSQL, and its transactions."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import json
import math
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Self, TypeAlias

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import Table

from store import schema
from store.errors import BadDatabaseUrl, DatabaseFolderMissing, DatabaseNotFound, NotASqliteFile, StoreAway
from store.postgres_connections import ping_after_idle
from store.sealing import Seal
from store.sqlite_driver import OneHopDriver

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}
_TIMEOUT_SECONDS = 10
"""For a lock of another process, a free connection, a new connection."""

Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def driver_url(url: str) -> URL:
    """The address with the driver that the store uses.

    Raises:
        BadDatabaseUrl: which addresses there are.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadDatabaseUrl from None
    dialect = parsed.drivername.split("+", maxsplit=1)[0]
    if dialect not in _DRIVERS:
        raise BadDatabaseUrl(dialect)
    if dialect == "sqlite" and (parsed.host or parsed.username or parsed.password or parsed.port):
        raise BadDatabaseUrl
    if dialect != "sqlite" and (_holds_a_piece_of_the_password(parsed) or not _has_known_options(parsed)):
        raise BadDatabaseUrl
    return parsed.set(drivername=_DRIVERS[dialect])


def _holds_a_piece_of_the_password(parsed: URL) -> bool:
    """Whether an @ that was not written as %40 put the end of a password where drivers tell it: host or database."""
    return any("@" in (part or "") for part in (parsed.host, parsed.database))


def _has_known_options(parsed: URL) -> bool:
    try:
        make_conninfo(**dict.fromkeys(parsed.query, "1"))
    except ProgrammingError:
        return False
    return True


class Store:
    """A database of deals. Open one in each process; close it at the end."""

    def __init__(self, engine: AsyncEngine, seal: Seal | None = None) -> None:
        self._engine = engine
        self.seal = seal or Seal()
        """What secrets of other tools are encrypted with."""
        self.embedded = engine.dialect.name == "sqlite"
        self.place = _place(engine.url)
        """Where it is, for people, without what opens it."""
        # SQLite takes one writer at a time, and makes others poll: a queue in the process is fair and faster.
        self._writer: AbstractAsyncContextManager[object] = asyncio.Lock() if self.embedded else nullcontext()

    @classmethod
    def open(cls, url: str, *, connections: int = 10, seal: Seal | None = None) -> Self:
        """A store at ``sqlite:///path`` or ``postgresql://…``; connects when first used.

        Raises:
            BadDatabaseUrl: which addresses there are.
            DatabaseFolderMissing: the folder of an embedded one cannot be made.
        """
        address = driver_url(url)
        embedded = address.get_backend_name() == "sqlite"
        if embedded and address.database and address.database != ":memory:":
            _make_folder(Path(address.database))
        engine = create_async_engine(
            address,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=_TIMEOUT_SECONDS,
            hide_parameters=True,  # an error's text goes into logs, and values may be personal
            json_serializer=canonical_json,
            connect_args={} if embedded else {"connect_timeout": _TIMEOUT_SECONDS},
            **({"module": OneHopDriver()} if embedded else {}),
        )
        if embedded:
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
            event.listen(engine.sync_engine, "invalidate", _end_sqlite)
        else:
            ping_after_idle(engine.sync_engine)
        return cls(engine, seal)

    @classmethod
    def existing(cls, url: str, *, seal: Seal | None = None) -> Self:
        """The same, for those who only read: a database file that is not there is not made.

        Raises:
            BadDatabaseUrl: which addresses there are.
            DatabaseNotFound: there is no such file.
        """
        address = driver_url(url)
        file = address.database if address.get_backend_name() == "sqlite" else None
        if file and not Path(file).exists():
            raise DatabaseNotFound(file)
        return cls.open(url, seal=seal)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()

    async def migrate(self) -> None:
        """Bring the tables to this release's revision; safe from several processes at once.

        Raises:
            StoreAway: the database does not answer.
        """
        async with self.writing() as connection:
            await connection.run_sync(schema.migrate)

    async def check_migrated(self) -> None:
        """Make sure that the tables are those of this release, or of a later one.

        Raises:
            NotMigrated: what to run.
            StoreAway: the database does not answer.
        """
        async with self.reading() as connection:
            await connection.run_sync(schema.check)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that may write: committed at the end, rolled back by an error.

        Raises:
            StoreAway: the database does not answer. Whether a commit took place is then not known.
        """
        async with self._writer, self._transaction(writes=True) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that only reads.

        Raises:
            StoreAway: the database does not answer.
        """
        async with self._transaction(writes=False) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, *, writes: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(writes=writes)
                async with connection.begin():
                    yield connection
        except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
            raise StoreAway(error) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreAway(error) from error
            if type(error.orig) is sqlite3.DatabaseError:  # not one of its subclasses: the file itself is wrong
                raise NotASqliteFile(self.place, error) from error
            raise

    def insert(self, table: Table) -> Insert:
        """An insert that can say what to do ``on_conflict``."""
        return insert_into(table, embedded=self.embedded)

    def insert_new(self, table: Table) -> Insert:
        """An insert that leaves rows alone that are there already; give it the rows when it is executed."""
        return _insert_new(table, embedded=self.embedded)


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"the store {Path(url.database).absolute()}" if url.database else "a store in memory"
    return f"the store {url.database or ''} at {url.host or url.query.get('host') or 'this machine'}"


def _make_folder(file: Path) -> None:
    if file.is_dir():
        raise DatabaseFolderMissing(file, IsADirectoryError(errno.EISDIR, "it is a folder itself"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseFolderMissing(file.parent, error) from error


def insert_into(table: Table, *, embedded: bool) -> Insert:
    """An insert in the words of a database."""
    return sqlite.insert(table) if embedded else postgresql.insert(table)


@functools.cache
def _insert_new(table: Table, *, embedded: bool) -> Insert:
    return insert_into(table, embedded=embedded).on_conflict_do_nothing()


def canonical_json(document: object) -> str:
    """A document as JSON, always the same text for the same content, and one that both databases can keep."""
    text = _json(document)
    suspicious = any(part in text for part in ("\\u0000", "NaN", "Infinity"))
    return _json(_storable(document)) if suspicious else text


def _json(document: object) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _storable(value: object) -> object:
    """The value without what PostgreSQL's JSON cannot hold: NUL, and numbers that are none."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list() | tuple():
            return [_storable(item) for item in value]
        case _:
            return value


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", f"busy_timeout = {_TIMEOUT_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _end_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry, _error: BaseException | None) -> None:
    # The connection of a task that was cancelled is thrown away, but its lock on the database would stay a while.
    with contextlib.suppress(sqlite3.Error, ValueError):  # the connection itself is gone: so is its lock
        connection.rollback()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail when another one wrote in between.
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
