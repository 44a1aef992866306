"""SQLite with one thread hop for each statement.

A connection to SQLite lives in a thread of its own. SQLAlchemy's adapter goes there four times for one statement: to
make a cursor, to execute, to fetch, to close; and once more to roll back what was committed. On an embedded database
these hops, not SQLite, are most of what a transaction takes.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from typing_extensions import override

# What a driver's statement takes and gives is of any type: the base classes' own signatures say so.


class _Result(NamedTuple):
    """What a statement gave, with nothing left of it in the connection's thread."""

    rows: list[Any]
    description: Any
    rowcount: int
    lastrowid: int | None


_NOTHING = _Result([], None, -1, None)


def _run(connection: sqlite3.Connection, statement: str, parameters: Any, *, many: bool) -> _Result:  # noqa: ANN401 - see above
    cursor = connection.cursor()
    try:
        if many:
            cursor.executemany(statement, parameters)
        else:
            cursor.execute(statement, () if parameters is None else parameters)
        rows = cursor.fetchall() if cursor.description else []
        return _Result(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that exists in the connection's thread only while a statement runs."""

    __slots__ = ("_result",)
    _result: _Result

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection  # noqa: SLF001 - the base class's own
        self._result, self._rows = _NOTHING, deque()

    @property
    @override
    def description(self) -> Any:
        return self._result.description

    @property
    @override
    def rowcount(self) -> int:
        return self._result.rowcount

    @property
    @override
    def lastrowid(self) -> int:
        return self._result.lastrowid or 0

    @override
    def close(self) -> None:
        self._rows.clear()

    @override
    async def _async_soft_close(self) -> None:
        return

    @override
    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._hop(operation, parameters, many=False)

    @override
    async def _executemany_async(self, operation: Any, seq_of_parameters: Sequence[Any]) -> None:
        await self._hop(operation, seq_of_parameters, many=True)

    async def _hop(self, operation: str, parameters: object, *, many: bool) -> None:
        driver: Any = self._connection
        async with self._adapt_connection._execute_mutex:  # noqa: SLF001 - the base class's own
            self._result = await driver._execute(_run, driver._conn, operation, parameters, many=many)  # noqa: SLF001
        self._rows = deque(self._result.rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor

    @override
    def rollback(self) -> None:
        driver: Any = self._connection
        if driver._connection and driver.in_transaction:  # noqa: SLF001 - the base class asks the same
            super().rollback()


class OneHopDriver(AsyncAdapt_aiosqlite_dbapi):
    """The driver, for ``create_async_engine(module=…)``."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    @override
    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        return _Connection(self, super().connect(*arg, **kw)._connection)  # noqa: SLF001 - the base class's own
