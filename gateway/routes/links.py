"""``/v1/links``: which deal the objects of other tools belong to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from dealwright.identity import DEAL_ID
from dealwright.values.recorded import Bounded
from gateway import deal_service
from gateway.audit_trail.change import change_of
from gateway.dependencies import Deals, OneLine, TheStore
from gateway.identities.authentication import require
from gateway.json_body import ReadsJson
from gateway.problems import ApiError, problems
from gateway.webhooks.receive import WebhookSources
from store import links
from store.api_keys import Scope

router = APIRouter(prefix="/v1", tags=["Intake"], redirect_slashes=False, route_class=ReadsJson)

Source = Annotated[str, Field(max_length=40), OneLine]
ObjectId = Annotated[str, Field(max_length=200), OneLine]
SourceInPath = Annotated[Source, Path(description="The tool that the object is of.", examples=["hubspot"])]
ObjectInPath = Annotated[ObjectId, Path(description="How that tool names the object.", examples=["deal:9001"])]
_DEAL = Field(pattern=f"^{DEAL_ID.pattern}$", examples=["acme-2026"])


class Link(Bounded):
    """The deal that an object of another tool belongs to."""

    deal_id: Annotated[str, _DEAL]


class Linked(BaseModel):
    """A link that stands."""

    waiting_again: int = Field(description="Events about the object that had found no deal.")


class LinkList(BaseModel):
    """Links, by source and object."""

    links: list[links.Link]


@router.get(
    "/links",
    summary="List the objects of deals",
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[require(Scope.READ)],
)
async def list_links(
    store: TheStore,
    deal_id: Annotated[str | None, Query(pattern=f"^{DEAL_ID.pattern}$", description="Only this deal's.")] = None,
    source: Annotated[Source | None, Query(description="Only objects of this source.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at the most.")] = 100,
) -> LinkList:
    """The objects of other tools that belong to a deal: its record, its contacts, its documents."""
    return LinkList(links=await links.list_links(store, deal_id=deal_id, source=source, limit=limit))


@router.get(
    "/links/{source}/{object_id}",
    summary="Say which deal an object belongs to",
    responses=problems(401, 403, 404, 422, 429, 503),
    dependencies=[require(Scope.READ)],
)
async def look_at_link(source: SourceInPath, object_id: ObjectInPath, store: TheStore) -> links.Link:
    """The deal that an object of a source belongs to."""
    deal_id = await links.deal_of(store, source, object_id)
    if deal_id is None:
        raise _not_linked(source, object_id)
    return links.Link(source=source, object_id=object_id, deal_id=deal_id)


@router.put(
    "/links/{source}/{object_id}",
    summary="Link an object to a deal",
    responses=problems(400, 401, 403, 404, 413, 422, 429, 503),
    dependencies=[require(Scope.LINK)],
)
async def link_object(
    source: SourceInPath, object_id: ObjectInPath, link: Link, deals: Deals, store: TheStore, request: Request
) -> Linked:
    """Say which deal an object of a source belongs to. Events about it that found no deal are passed on.

    An object is named by its kind and its id, as the source's mapping file names it: `deal:9001`. A deal may have
    several objects, also of one source.
    """
    change_of(request).deal_id = link.deal_id
    sources: WebhookSources = request.app.state.sources
    sources.check_linkable(source)
    await deal_service.check_known(deals, store, link.deal_id)
    woken = await links.link(store, source, object_id, link.deal_id)
    request.app.state.dispatcher.wake()
    return Linked(waiting_again=woken)


@router.delete(
    "/links/{source}/{object_id}",
    status_code=204,
    summary="Unlink an object",
    responses=problems(401, 403, 404, 422, 429, 503),
    dependencies=[require(Scope.LINK)],
)
async def unlink_object(source: SourceInPath, object_id: ObjectInPath, store: TheStore, request: Request) -> None:
    """Say that an object belongs to no deal. What was passed on stays; later events about it find no deal."""
    change_of(request).deal_id = await links.deal_of(store, source, object_id)
    if not await links.unlink(store, source, object_id):
        raise _not_linked(source, object_id)


def _not_linked(source: str, object_id: str) -> ApiError:
    text = f"The object {object_id!r} of {source} belongs to no deal."
    return ApiError(404, "no-such-link", "No such link", text)
