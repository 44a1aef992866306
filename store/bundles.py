"""Playbook bundles: a playbook with its templates, by content hash. A published bundle never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.playbook.source.bundle import bundle_hash, too_large
from store.database import Store
from store.errors import BundleTooLarge, UnknownBundle, UnknownPlaybook
from store.tables import bundles, playbook_names


class Published(BaseModel):
    """The bundle that a playbook's name stands for now; published at a time of the wall clock."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    name: str
    hash: str
    published_at: AwareDatetime


async def publish(store: Store, name: str, files: Mapping[str, str]) -> str:
    """Keep a bundle (its files' texts by relative path) and let the name stand for it; returns its hash.

    Raises:
        BundleTooLarge: how large it is, and may be.
        StoreAway: the database does not answer.
    """
    if (problem := too_large(files)) is not None:
        raise BundleTooLarge(name, problem)
    bundle = bundle_hash(files)
    row = {"hash": bundle, "name": name, "published_at": datetime.now(UTC), "files": dict(files)}
    insert_name = store.insert(playbook_names).values(name=name, hash=bundle)
    async with store.writing() as connection:
        await connection.execute(store.insert_new(bundles), row)
        await connection.execute(
            insert_name.on_conflict_do_update(index_elements=["name"], set_={"hash": insert_name.excluded.hash})
        )
    return bundle


async def publish_new(store: Store, playbooks: Mapping[str, Mapping[str, str]]) -> None:
    """Publish those playbooks (each one's files by its name) whose name stands for none yet.

    Raises:
        StoreAway: the database does not answer.
    """
    known = {one.name for one in await published(store)}
    for name, files in playbooks.items():
        if name not in known:
            await publish(store, name, files)


async def resolve(store: Store, name: str) -> str:
    """The hash of the bundle that a playbook's name stands for.

    Raises:
        UnknownPlaybook: what to run.
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        return await hash_of(connection, name)


async def hash_of(connection: AsyncConnection, name: str) -> str:
    """The same, in the caller's transaction."""
    found: str | None = await connection.scalar(select(playbook_names.c.hash).where(playbook_names.c.name == name))
    if found is None:
        raise UnknownPlaybook(name)
    return found


async def load(store: Store, bundle: str) -> dict[str, str]:
    """The files of a bundle, by relative path. They never change: keep them as long as you like.

    Raises:
        UnknownBundle: what to do.
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        files: dict[str, str] | None = await connection.scalar(select(bundles.c.files).where(bundles.c.hash == bundle))
    if files is None:
        raise UnknownBundle(bundle)
    return files


async def published(store: Store) -> list[Published]:
    """Every playbook, by name."""
    statement = (
        select(playbook_names.c.name, playbook_names.c.hash, bundles.c.published_at)
        .join(bundles, bundles.c.hash == playbook_names.c.hash)
        .order_by(playbook_names.c.name)
    )
    async with store.reading() as connection:
        return [Published.model_validate(row) for row in await connection.execute(statement)]
