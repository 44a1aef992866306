"""Binds a store to a Temporal namespace, and refuses to work with a store of another one.

A worker with another store than that of the deals would find no ledger: it would send again what was sent, and what
it sends, nobody would find afterwards. So a store and a namespace name each other, from the first start on.
"""

from __future__ import annotations

import socket
from typing import Protocol

from temporalio.client import Client

from dealwright.identity import Installation
from runtime.connection import NotReady
from runtime.namespace_marker import NamespaceMark, has_working_deals, namespace_id, read_mark, set_mark

_REBIND = "If this store takes the place of the other one, stop all workers and gateways, then run "
_COMMAND = "`dealwright installation --bind`"


class InstallationStore(Protocol):
    """What a store says of itself; ``store.installation`` keeps it."""

    place: str

    async def read(self) -> Installation | None:
        """What it says; None for a store that no worker has used yet."""
        ...

    async def settle(self, namespace: str) -> Installation:
        """Give a store that has none an id and a namespace."""
        ...

    async def replace(self, namespace: str) -> Installation:
        """Give it a new id and another namespace."""
        ...

    async def forget(self, this: Installation) -> None:
        """Take back what was settled."""
        ...

    async def holds_deals(self) -> bool:
        """Whether any deal has left something in it."""
        ...


class StoreMismatch(NotReady):
    """The store is not that of the namespace: nothing was done, and the message says what to do."""


async def require_matching_store(client: Client, record: InstallationStore) -> Installation:
    """Make sure that the store is that of the namespace; at the first start, let each take the other.

    Raises:
        StoreMismatch: one of them belongs to another.
        NotReady, StoreAway: one of them does not answer.
    """
    namespace, mark = await namespace_id(client), await read_mark(client)
    ours = await record.read()  # after the mark: another process of ours may be setting both, the store's first
    if ours is not None and ours.namespace != namespace:
        raise _of_another_namespace(client, record)
    if mark is None:
        return await _bind_first_time(client, record, namespace)
    if ours is None or mark.installation != ours.id:
        raise _of_another_store(client, record, mark)
    return ours


async def bind(client: Client, record: InstallationStore) -> Installation:
    """Let the store and the namespace take each other, whomever they belonged to; who had them no longer does.

    Raises:
        NotReady, StoreAway: one of them does not answer.
    """
    made = await record.replace(await namespace_id(client))
    await set_mark(client, _mark(made, record), instead=True)
    return made


async def _bind_first_time(client: Client, record: InstallationStore, namespace: str) -> Installation:
    """The first start. Of several at once with several stores one is the first; the others hear that they are not."""
    if await _is_new_among_deals(client, record):
        raise StoreMismatch(
            f"Namespace {client.namespace!r} has deals that some worker has worked on, and {record.place} knows none "
            "of them: working on them without their ledger would send twice what was sent. "
            f"Set DATABASE_URL to their store, or TEMPORAL_NAMESPACE to another namespace. {_REBIND}{_COMMAND}"
        )
    ours = await record.settle(namespace)
    stands = await set_mark(client, _mark(ours, record))
    if stands.installation != ours.id:
        await record.forget(ours)
        raise _of_another_store(client, record, stands)
    return ours


async def _is_new_among_deals(client: Client, record: InstallationStore) -> bool:
    if await record.holds_deals() or not await has_working_deals(client):
        return False
    return await record.read() is None  # else a worker with this very store took the namespace just now


def _mark(this: Installation, record: InstallationStore) -> NamespaceMark:
    return NamespaceMark(this.id, f"{record.place}, on {socket.gethostname()}")


def _of_another_store(client: Client, record: InstallationStore, mark: NamespaceMark) -> StoreMismatch:
    return StoreMismatch(
        f"The deals of namespace {client.namespace!r} belong to another store than {record.place} "
        f"(theirs when it took them: {mark.store}). Nothing was started: their ledger and journal are there. "
        f"Set DATABASE_URL to that store, or TEMPORAL_NAMESPACE to another namespace. {_REBIND}{_COMMAND}"
    )


def _of_another_namespace(client: Client, record: InstallationStore) -> StoreMismatch:
    return StoreMismatch(
        f"{record.place} belongs to another namespace than {client.namespace!r} of this server: what it holds is about "
        "the deals there. Nothing was started. Set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE to that one, or "
        "DATABASE_URL to another store. If that namespace is gone for good, stop all workers and gateways, then run "
        f"{_COMMAND}"
    )
