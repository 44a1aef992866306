"""Playbook bundles: a playbook with its templates, by content hash. A published bundle never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dealwright.playbook.source.bundle import bundle_hash, too_large
from store.database import Store
from store.errors import AmbiguousBundle, BundleTooLarge, UnknownBundle, UnknownPlaybook
from store.playbook_tables import bundles, playbook_names, publications

SHORTEST = 6
"""Characters of a hash that are enough to name a bundle, if no other one begins with them."""
SHIPPED = "dealwright"
"""Who publishes the playbooks that come with a release."""


class Published(BaseModel):
    """The bundle that a playbook's name stands for now; published at a time of the wall clock."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    name: str
    hash: str
    published_at: AwareDatetime
    published_by: str | None = None
    """Who did it, as far as the machine knew them; None of what an earlier release published."""


async def publish(store: Store, name: str, files: Mapping[str, str], *, by: str | None = None) -> str:
    """Keep a bundle (its files' texts by relative path) and let the name stand for it; returns its hash.

    When the name stands for another one until now, that becomes a line of the playbook's history; ``by`` says who.

    Raises:
        BundleTooLarge: how large it is, and may be.
        StoreAway: the database does not answer.
    """
    if (problem := too_large(files)) is not None:
        raise BundleTooLarge(name, problem)
    bundle = bundle_hash(files)
    told = {"hash": bundle, "name": name, "published_at": datetime.now(UTC)}
    insert_name = store.insert(playbook_names).values(name=name, hash=bundle)
    stands = select(playbook_names.c.hash).where(playbook_names.c.name == name)
    async with store.writing() as connection:
        await connection.execute(store.insert_new(bundles), {**told, "files": dict(files)})
        if await connection.scalar(stands) != bundle:
            await connection.execute(insert(publications), {**told, "published_by": by})
        await connection.execute(
            insert_name.on_conflict_do_update(index_elements=["name"], set_={"hash": insert_name.excluded.hash})
        )
    return bundle


async def publish_new(store: Store, playbooks: Mapping[str, Mapping[str, str]], *, by: str = SHIPPED) -> None:
    """Publish those playbooks (each one's files by its name) whose name stands for none yet.

    Raises:
        StoreAway: the database does not answer.
    """
    known = {one.name for one in await published(store)}
    for name, files in playbooks.items():
        if name not in known:
            await publish(store, name, files, by=by)


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


async def named(store: Store, beginning: str) -> str:
    """The whole hash of the bundle whose hash begins so, with six characters or more.

    Raises:
        UnknownBundle: what to do.
        AmbiguousBundle: several begin so.
        StoreAway: the database does not answer.
    """
    begins = bundles.c.hash.startswith(beginning, autoescape=True)
    found: list[str]
    async with store.reading() as connection:
        found = list(await connection.scalars(select(bundles.c.hash).where(begins).order_by(bundles.c.hash).limit(9)))
    if len(beginning) < SHORTEST or not found:
        raise UnknownBundle(beginning)
    if len(found) > 1:
        raise AmbiguousBundle(beginning, found)
    return found[0]


async def published(store: Store) -> list[Published]:
    """Every playbook, by name, as its name stands now."""
    latest = select(func.max(publications.c.id)).group_by(publications.c.name, publications.c.hash)
    of_now = (publications.c.name == playbook_names.c.name) & (publications.c.hash == playbook_names.c.hash)
    statement = (
        select(
            playbook_names.c.name,
            playbook_names.c.hash,
            func.coalesce(publications.c.published_at, bundles.c.published_at).label("published_at"),
            publications.c.published_by,
        )
        .join(bundles, bundles.c.hash == playbook_names.c.hash)
        .outerjoin(publications, of_now & publications.c.id.in_(latest))
        .order_by(playbook_names.c.name)
    )
    async with store.reading() as connection:
        return [Published.model_validate(row) for row in await connection.execute(statement)]


async def versions(store: Store, name: str) -> list[Published]:
    """What a playbook's name has stood for, the oldest first: a bundle that came back stands there again.

    Raises:
        UnknownPlaybook: what to run.
        StoreAway: the database does not answer.
    """
    statement = select(publications).where(publications.c.name == name).order_by(publications.c.id)
    async with store.reading() as connection:
        await hash_of(connection, name)
        return [Published.model_validate(row) for row in await connection.execute(statement)]
