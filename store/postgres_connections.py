"""Pings a pooled PostgreSQL connection that was idle, before it is used again."""

from __future__ import annotations

import select
import time

from psycopg import AsyncConnection
from psycopg import Error as PsycopgError
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_IDLE_SECONDS = 1.0
"""Seconds after which a connection to a server is asked whether it is still there."""


def ping_after_idle(engine: Engine) -> None:
    """See whether a connection that has rested is still there: a server that was started again has forgotten it.

    SQLAlchemy's own ping would ask before each transaction: one round trip more for each.
    """

    def rests(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    def asked(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        since = record.info.pop("rests_since", None)
        if since is None or (time.monotonic() - since < _IDLE_SECONDS and not _has_input(record)):
            return
        try:
            engine.dialect.do_ping(connection)
        except PsycopgError as error:
            raise InvalidatePoolError from error  # it makes a new one, and forgets all others

    event.listen(engine, "checkin", rests)
    event.listen(engine, "checkout", asked)


def _has_input(record: ConnectionPoolEntry) -> bool:
    """Whether something came in on a connection that asked nothing: a server that ends says so, and closes it."""
    driver = record.driver_connection
    socket = driver.pgconn.socket if isinstance(driver, AsyncConnection) and not driver.closed else -1
    if socket < 0:
        return True
    look = select.poll()
    look.register(socket, select.POLLIN)
    return bool(look.poll(0))
