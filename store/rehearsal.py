"""A store to try things in: what is written is seen in it until its end, and then undone by the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from typing_extensions import override

from store.database import Store
from store.sealing import Seal


class RehearsalStore(Store):
    """A store whose transactions are all part of one, which is never committed. For one task at a time."""

    def __init__(self, engine: AsyncEngine, seal: Seal | None = None) -> None:
        super().__init__(engine, seal)
        self._whole: AsyncConnection | None = None

    @asynccontextmanager
    async def rehearsing(self) -> AsyncIterator[Self]:
        """Begin, and undo everything at the end.

        Raises:
            StoreAway: the database does not answer.
        """
        async with self._transaction(writes=False) as connection:
            self._whole = connection
            try:
                yield self
            finally:
                self._whole = None
                await connection.rollback()

    @override
    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        if self._whole is None:
            async with super().writing() as connection:
                yield connection
        else:
            async with self._whole.begin_nested():
                yield self._whole

    @override
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        if self._whole is None:
            async with super().reading() as connection:
                yield connection
        else:
            yield self._whole
