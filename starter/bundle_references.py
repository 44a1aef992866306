"""Bundles as people name them: by a folder, by the beginning of a hash, as ``NAME@2``, or ``NAME`` for its newest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from starter.playbooks.files import files_in, folder_of
from starter.store import opened_store

if TYPE_CHECKING:
    from dealwright.playbook.language.model import Playbook
    from store.database import Store

HOW = "a folder, NAME or NAME@latest (its newest version), NAME@2 (the second one), or the beginning of a hash"


class NamedBundle(NamedTuple):
    """A bundle that somebody named, read."""

    hash: str
    playbook: Playbook
    files: dict[str, str]
    is_published: bool

    @property
    def said(self) -> str:
        """The bundle as people tell it from others."""
        return f"{self.playbook.playbook} ({self.hash[:12]})"


async def read_bundle(reference: str) -> NamedBundle:
    """The bundle that is named so. A folder needs no store.

    Raises:
        BadPlaybook: the folder holds none that could be published.
        BadParameter: nothing is named so.
        StoreError: the store is not there, or has no such bundle.
    """
    if _is_folder(reference):
        return _of_folder(Path(reference))
    async with opened_store() as store:
        return await published_bundle(store, reference)


async def published_bundle(store: Store, reference: str) -> NamedBundle:
    """The published bundle that is named so.

    Raises:
        BadParameter: the playbook has no version of that number, or nothing is named so.
        StoreError: there is no such bundle.
    """
    from dealwright.playbook.loading import load_pinned
    from store import bundles

    name, at, version = reference.rpartition("@")
    bundle = await (_version(store, name, version) if at else _named(store, reference))
    files = await bundles.load(store, bundle)
    return NamedBundle(bundle, load_pinned(files), files, is_published=True)


async def _named(store: Store, reference: str) -> str:
    from store import bundles
    from store.errors import UnknownBundle

    names = [one.name for one in await bundles.published(store)]
    if reference in names:
        return await bundles.resolve(store, reference)
    try:
        return await bundles.named(store, reference)
    except UnknownBundle:
        published = f"published are {', '.join(names)}" if names else "none is published yet"
        raise typer.BadParameter(
            f"there is no playbook {reference!r}, and no hash that begins so: {published}"
        ) from None


def _is_folder(reference: str) -> bool:
    return (folder_of(Path(reference)) / "playbook.yaml").is_file() or "/" in reference


def _of_folder(folder: Path) -> NamedBundle:
    from dealwright.playbook.loading import load_bundle
    from dealwright.playbook.source.bundle import bundle_hash

    files = files_in(folder)
    return NamedBundle(bundle_hash(files), load_bundle(files), files, is_published=False)


async def _version(store: Store, name: str, version: str) -> str:
    from store import bundles

    known = await bundles.versions(store, name)
    if version == "latest":
        return await bundles.resolve(store, name)
    if not version.isdecimal() or not 0 < int(version) <= len(known):
        raise typer.BadParameter(f"{name} has the versions 1 to {len(known)}, and latest: write {HOW}")
    return known[int(version) - 1].hash
