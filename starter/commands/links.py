"""``link list``, ``link set`` and ``link remove``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from starter.commands.messages import AsJson
from starter.printing import counted, print_rows, say, say_json
from starter.store import opened_store

if TYPE_CHECKING:
    from store.links import Link

app = typer.Typer(help="Say which deal the objects of other tools belong to.", no_args_is_help=True)
Source = Annotated[str, typer.Argument(help="The source, as in the URL of its webhooks: hubspot.")]
ObjectId = Annotated[str, typer.Argument(help="The object, by its kind and its id: deal:9001.")]


@app.command("list")
def list_links(
    deal: Annotated[str | None, typer.Option(help="Only this deal's.")] = None,
    source: Annotated[str | None, typer.Option(help="Only objects of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the objects of other tools that belong to deals."""
    found = asyncio.run(_read(deal, source, limit))
    if as_json:
        say_json({"links": [one.model_dump() for one in found]})
        return
    rows = [(one.source, one.object_id, one.deal_id) for one in found]
    print_rows(counted(len(found), "link"), ("source", "object", "deal"), rows)


@app.command("set")
def set_link(
    source: Source,
    object_id: ObjectId,
    deal_id: Annotated[str, typer.Argument(help="The deal, which has to exist.")],
    as_json: AsJson = False,
) -> None:
    """Say which deal an object belongs to. Events about it that found no deal are passed on."""
    woken = asyncio.run(_link(source, object_id, deal_id))
    document = {"source": source, "object_id": object_id, "deal_id": deal_id, "waiting_again": woken}
    passed_on = f" {counted(woken, 'event')} that had found no deal will be passed on." if woken else ""
    say(as_json, document, f"{object_id} of {source} belongs to {deal_id}.{passed_on}")


@app.command()
def remove(source: Source, object_id: ObjectId, as_json: AsJson = False) -> None:
    """Say that an object belongs to no deal. Exit code 1: it belonged to none."""
    gone = asyncio.run(_unlink(source, object_id))
    said = "belongs to no deal any more" if gone else "belonged to no deal: nothing was changed"
    say(as_json, {"source": source, "object_id": object_id, "removed": gone}, f"{object_id} of {source} {said}.")
    if not gone:
        raise typer.Exit(1)


async def _read(deal: str | None, source: str | None, limit: int) -> list[Link]:
    from store import links

    async with opened_store() as store:
        return await links.list_links(store, deal_id=deal, source=source, limit=limit)


async def _link(source: str, object_id: str, deal_id: str) -> int:
    from dealwright.client.deal_client import DealClient
    from gateway.deal_service import check_known
    from starter.integrations.configured import check_linkable
    from store import links

    check_linkable(source)
    async with opened_store() as store:
        await check_known(await DealClient.connect(), store, deal_id)
        return await links.link(store, source, object_id, deal_id)


async def _unlink(source: str, object_id: str) -> bool:
    from store import links

    async with opened_store() as store:
        return await links.unlink(store, source, object_id)
