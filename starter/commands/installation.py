"""``installation``: shows which store a namespace's deals belong to, and binds them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from starter.commands.messages import AsJson
from starter.printing import out, say_json


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("installation")(installation)


def installation(
    bind: Annotated[bool, typer.Option("--bind", help="Let this store and this namespace take each other.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show whether the store (DATABASE_URL) and the namespace (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE) belong together.

    Workers and gateways refuse to start where they do not.
    """
    together = asyncio.run(_bind(as_json) if bind and yes else _show(as_json))
    if bind and not yes:
        out.print(
            "Stop all workers and gateways of both first. From then on no worker starts with the store or the "
            "namespace that they belonged to before.",
            soft_wrap=True,
        )
        if typer.confirm("Let them take each other?"):
            asyncio.run(_bind(as_json))
            return
    if not together:
        raise typer.Exit(1)


async def _show(as_json: bool) -> bool:
    from runtime.connection import connect
    from runtime.namespace_marker import namespace_id, read_mark
    from runtime.settings import Settings
    from store.database import Store
    from store.installation import InstallationRecord

    store = Store.existing(Settings().database_url)
    try:
        await store.check_migrated()
        client = await connect()
        namespace, mark, ours = (
            await namespace_id(client),
            await read_mark(client),
            await InstallationRecord(store).read(),
        )
    finally:
        await store.close()
    marked, known = mark.installation if mark else None, ours.id if ours else None
    together = known is not None and known == marked and ours is not None and ours.namespace == namespace
    if as_json:
        say_json(
            {
                "together": together,
                "store": {"place": store.place, "installation": known, "namespace_id": ours and ours.namespace},
                "namespace": {"name": client.namespace, "id": namespace, "installation": marked},
            }
        )
    else:
        out.print(f"{store.place}: installation {known or 'none yet'}", soft_wrap=True)
        out.print(f"namespace {client.namespace} ({namespace}): installation {marked or 'none yet'}", soft_wrap=True)
        if mark and not together:
            out.print(f"It was taken by {mark.store}.", soft_wrap=True)
        free = known is None and marked is None
        said = "They belong together." if together else "They do not belong together: no worker starts with both."
        out.print("The first worker binds them." if free else said)
    await asyncio.sleep(0.05)
    return together


async def _bind(as_json: bool) -> bool:
    from runtime.connection import connect
    from runtime.settings import Settings
    from runtime.store_binding import bind
    from store.database import Store
    from store.installation import InstallationRecord

    store = Store.existing(Settings().database_url)
    try:
        await store.check_migrated()
        client = await connect()
        made = await bind(client, InstallationRecord(store))
    finally:
        await store.close()
    if as_json:
        say_json({"together": True, "installation": made.id, "namespace": client.namespace, "store": store.place})
    else:
        out.print(f"Namespace {client.namespace} and {store.place} belong together from now on.", soft_wrap=True)
    return True
