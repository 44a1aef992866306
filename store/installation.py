"""The installation's id and its Temporal namespace, as the store records them."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.identity import Installation
from store.database import Store
from store.tables import installation, journal, ledger

_ID, _NAMESPACE = "id", "namespace"


class InstallationRecord:
    """What a store says of itself. Every method may raise ``StoreAway``: the database does not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.place = store.place
        """Where the store is, for people."""

    async def read(self) -> Installation | None:
        """What it says; None for a store that no worker has used yet."""
        async with self._store.reading() as connection:
            return await _read(connection)

    async def settle(self, namespace: str) -> Installation:
        """Give a store that has none an id and a namespace; one that has them keeps them."""
        rows = _rows(Installation(secrets.token_hex(16), namespace))
        async with self._store.writing() as connection:
            await connection.execute(self._store.insert_new(installation), rows)
            kept = await _read(connection)
        if kept is None:
            raise RuntimeError("an installation that was just written is not there")
        return kept

    async def replace(self, namespace: str) -> Installation:
        """Give it a new id and another namespace, whatever it had: a copy is then no longer the same one."""
        made = Installation(secrets.token_hex(16), namespace)
        async with self._store.writing() as connection:
            await _forget(connection)
            await connection.execute(self._store.insert_new(installation), _rows(made))
        return made

    async def forget(self, this: Installation) -> None:
        """Take back what :meth:`settle` wrote, where it still stands."""
        async with self._store.writing() as connection:
            if await _read(connection) == this:
                await _forget(connection)

    async def holds_deals(self) -> bool:
        """Whether any deal has left something here."""
        left = select(exists(select(journal.c.seq)) | exists(select(ledger.c.effect_id)))
        async with self._store.reading() as connection:
            return bool(await connection.scalar(left))


async def _read(connection: AsyncConnection) -> Installation | None:
    wanted = select(installation.c.name, installation.c.value).where(installation.c.name.in_((_ID, _NAMESPACE)))
    found = {str(name): str(value) for name, value in await connection.execute(wanted)}
    return Installation(found[_ID], found[_NAMESPACE]) if found.keys() >= {_ID, _NAMESPACE} else None


async def _forget(connection: AsyncConnection) -> None:
    await connection.execute(delete(installation).where(installation.c.name.in_((_ID, _NAMESPACE))))


def _rows(this: Installation) -> list[dict[str, str]]:
    return [{"name": _ID, "value": this.id}, {"name": _NAMESPACE, "value": this.namespace}]
